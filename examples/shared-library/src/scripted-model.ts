import type { LanguageModel } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';

/** What a model wrote, kept so that the example runs without a key. */
export interface Script {
  /** One call of `runCode` each; a function makes it of what the model has read by then. */
  programs: (string | ((read: string) => string))[];
  answer(read: string): string;
}

const usage = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
};

type Prompt = Parameters<MockLanguageModelV4['doGenerate']>[0]['prompt'];

/** Writes each program in turn, and then the answer. */
export function scriptedModel({ programs, answer }: Script): LanguageModel {
  return new MockLanguageModelV4({
    modelId: 'scripted',
    doGenerate: async ({ prompt }) => {
      const results = toolResults(prompt);
      const read = results.join('\n');
      const program = programs[results.length];
      const end = { usage, warnings: [] };
      if (program === undefined) {
        const finishReason = { unified: 'stop' as const, raw: undefined };
        return { ...end, content: [{ type: 'text', text: answer(read) }], finishReason };
      }
      const code = (typeof program === 'string' ? program : program(read)).trim();
      const toolCallId = `call-${results.length + 1}`;
      return {
        ...end,
        content: [{ type: 'tool-call', toolCallId, toolName: 'runCode', input: JSON.stringify({ code }) }],
        finishReason: { unified: 'tool-calls', raw: undefined },
      };
    },
  });
}

/** What the model is given for its calls so far. */
function toolResults(prompt: Prompt): string[] {
  return prompt.flatMap((message) =>
    message.role === 'tool'
      ? message.content.map((part) =>
          part.type === 'tool-result' && part.output.type === 'text' ? part.output.value : '',
        )
      : [],
  );
}
