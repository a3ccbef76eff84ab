import type { MastraModelConfig } from '@mastra/core/llm';
import { MockLanguageModelV4 } from 'ai/test';

/** A real model when OPENAI_API_KEY is set, else one that always writes the same program. */
export function chooseModel(): MastraModelConfig {
  // Mastra bundles the model types of another version.
  if (!process.env.OPENAI_API_KEY) return scriptedModel as unknown as MastraModelConfig;
  return `openai/${process.env.OPENAI_MODEL ?? 'gpt-5-mini'}`;
}

const PROGRAM = `
print("today is", tools.clock.today().strip())
workflows.days_until_new_year()
`;

const usage = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
};

const scriptedModel = new MockLanguageModelV4({
  modelId: 'scripted',
  doGenerate: async ({ prompt }) => {
    const days = /Result: (\d+)/u.exec(JSON.stringify(prompt.at(-1)))?.[1];
    if (days === undefined) {
      const input = JSON.stringify({ code: PROGRAM.trim() });
      const content = [{ type: 'tool-call' as const, toolCallId: 'call-1', toolName: 'runCode', input }];
      return { content, finishReason: { unified: 'tool-calls', raw: undefined }, usage, warnings: [] };
    }
    const content = [{ type: 'text' as const, text: `There are ${days} days left until New Year.` }];
    return { content, finishReason: { unified: 'stop', raw: undefined }, usage, warnings: [] };
  },
});
