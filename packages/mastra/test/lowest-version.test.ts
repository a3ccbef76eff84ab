import { adapterConformance } from '@code-mode/core/testing';
import { Agent } from 'mastra-core-lowest/agent';
import { Mastra } from 'mastra-core-lowest/mastra';
import { InMemoryStore } from 'mastra-core-lowest/storage';
import { createTool } from 'mastra-core-lowest/tools';
import { vi } from 'vitest';
import { mastraHarness } from './harness.ts';

vi.mock('@mastra/core/tools', () => import('mastra-core-lowest/tools'));
vi.mock('@mastra/core/schema', () => import('mastra-core-lowest/schema'));

// Its types are those of an older version; what matters here is what it does.
const lowest = { Agent, Mastra, InMemoryStore, createTool } as unknown as Parameters<typeof mastraHarness>[0];
adapterConformance('the lowest version of mastra', mastraHarness(lowest));
