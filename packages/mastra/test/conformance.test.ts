import { adapterConformance } from '@code-mode/core/testing';
import { Agent } from '@mastra/core/agent';
import { Mastra } from '@mastra/core/mastra';
import { InMemoryStore } from '@mastra/core/storage';
import { createTool } from '@mastra/core/tools';
import { mastraHarness } from './harness.ts';

adapterConformance('mastra', mastraHarness({ Agent, Mastra, InMemoryStore, createTool }));
