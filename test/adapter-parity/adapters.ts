import type { AdapterHarness } from '@code-mode/core/testing';
import { Agent } from '@mastra/core/agent';
import { Mastra } from '@mastra/core/mastra';
import { InMemoryStore } from '@mastra/core/storage';
import { createTool } from '@mastra/core/tools';
import * as sdk from '@openai/agents';
import * as ai from 'ai';
import * as langchain from 'langchain';
import { aiSdkHarness } from '../../packages/ai-sdk/test/harness.ts';
import { langchainHarness } from '../../packages/langchain/test/harness.ts';
import { mastraHarness } from '../../packages/mastra/test/harness.ts';
import { openAIAgentsHarness } from '../../packages/openai-agents/test/harness.ts';

/** All that must behave alike. */
export const HARNESSES: Record<string, AdapterHarness> = {
  'ai-sdk': aiSdkHarness(ai),
  mastra: mastraHarness({ Agent, Mastra, InMemoryStore, createTool }),
  langchain: langchainHarness(langchain),
  'openai-agents': openAIAgentsHarness(sdk),
};
