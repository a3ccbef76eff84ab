import type { MastraModelConfig } from '@mastra/core/llm';
import { MockLanguageModelV4 } from 'ai/test';
import { script } from './script.ts';

/** The real model that writes the programs; undefined without a key. */
export const realModel = process.env.OPENAI_API_KEY ? (process.env.OPENAI_MODEL ?? 'gpt-5-mini') : undefined;

/** A real model when there is a key, else one that follows the script. */
export function chooseModel(): MastraModelConfig {
  return realModel === undefined ? scriptedModel() : `openai/${realModel}`;
}

function scriptedModel(): MastraModelConfig {
  let next = 0;
  const model = new MockLanguageModelV4({
    modelId: 'scripted',
    doGenerate: async ({ prompt }) => {
      const step = script[next++];
      const end = { usage, warnings: [] };
      if (typeof step === 'string') {
        const input = JSON.stringify({ code: step.trim() });
        const content = [{ type: 'tool-call' as const, toolCallId: `call-${next}`, toolName: 'runCode', input }];
        return { ...end, content, finishReason: { unified: 'tool-calls', raw: undefined } };
      }
      const { answer } = step?.(lastRead(prompt)) ?? { answer: 'The script has ended.' };
      return { ...end, content: [{ type: 'text', text: answer }], finishReason: { unified: 'stop', raw: undefined } };
    },
  });
  // Mastra bundles the model types of another version.
  return model as unknown as MastraModelConfig;
}

const usage = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
};

/** What the model has read of its last program. */
function lastRead(prompt: Parameters<MockLanguageModelV4['doGenerate']>[0]['prompt']): string {
  const last = prompt.at(-1);
  const part = last?.role === 'tool' ? last.content.at(-1) : undefined;
  return part?.type === 'tool-result' && part.output.type === 'text' ? part.output.value : '';
}
