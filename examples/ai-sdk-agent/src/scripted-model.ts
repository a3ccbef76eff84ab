import { type LanguageModel, simulateReadableStream } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';

/** What a model wrote, kept so that the demo runs without a key. */
export interface Script {
  /** One call of `runCode` each; a function makes it of what the model has read by then. */
  programs: (string | ((read: string[]) => string))[];
  answer(read: string[]): string;
}

const usage = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
};

type Streamed = Awaited<ReturnType<MockLanguageModelV4['doStream']>>;
type Part = Streamed['stream'] extends ReadableStream<infer P> ? P : never;
type Prompt = Parameters<MockLanguageModelV4['doStream']>[0]['prompt'];

/** Writes each program in turn, and then the answer, from what it has read. */
export function scriptedModel({ programs, answer }: Script): LanguageModel {
  return new MockLanguageModelV4({
    modelId: 'scripted',
    doStream: async ({ prompt }) => {
      const read = toolResults(prompt);
      const program = programs[read.length];
      if (program === undefined) return streamOf(answer(read));
      const code = typeof program === 'string' ? program : program(read);
      return streamOf({ toolCallId: `call-${read.length + 1}`, code: code.trim() });
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

function streamOf(written: string | { toolCallId: string; code: string }): Streamed {
  const parts: Part[] =
    typeof written === 'string'
      ? [
          { type: 'text-start', id: 'answer' },
          ...written.split(/(?<= )/u).map((delta): Part => ({ type: 'text-delta', id: 'answer', delta })),
          { type: 'text-end', id: 'answer' },
        ]
      : [
          {
            type: 'tool-call',
            toolCallId: written.toolCallId,
            toolName: 'runCode',
            input: JSON.stringify({ code: written.code }),
          },
        ];
  const unified = typeof written === 'string' ? 'stop' : 'tool-calls';
  const end: Part = { type: 'finish', finishReason: { unified, raw: undefined }, usage };
  return { stream: simulateReadableStream({ chunks: [{ type: 'stream-start', warnings: [] }, ...parts, end] }) };
}
