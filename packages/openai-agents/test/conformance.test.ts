import { adapterConformance } from '@code-mode/core/testing';
import * as sdk from '@openai/agents';
import { openAIAgentsHarness } from './harness.ts';

adapterConformance('openai-agents', openAIAgentsHarness(sdk));
