import { adapterConformance } from '@code-mode/core/testing';
import type * as sdk from '@openai/agents';
import * as lowest from 'openai-agents-lowest';
import { vi } from 'vitest';
import { openAIAgentsHarness } from './harness.ts';

vi.mock('@openai/agents', async () => await import('openai-agents-lowest'));

// Its types are those of an older version; what matters here is what it does.
adapterConformance(
  'openai-agents with the lowest version of the SDK',
  openAIAgentsHarness(lowest as unknown as typeof sdk),
);
