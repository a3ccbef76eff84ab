import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { MastraModelConfig } from '@mastra/core/llm';
import { convertArrayToReadableStream, MockLanguageModelV4 } from 'ai/test';

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
};

export type Prompt = MockLanguageModelV4['doGenerateCalls'][number]['prompt'];

/** What the model passes to `runCode`: a program, or arguments of any form. */
type Call = string | Record<string, unknown>;

/** A model that calls `runCode` with each program in turn, or with several at once, and then answers `done`. */
export function programmer(...turns: (Call | Call[])[]) {
  const prompts: Prompt[] = [];
  const descriptions: string[] = [];
  const next = ({ prompt, tools = [] }: MockLanguageModelV4['doStreamCalls'][number]) => {
    prompts.push(prompt);
    descriptions.push(...tools.flatMap((tool) => ('description' in tool ? (tool.description ?? '') : [])));
    const turn = turns[prompts.length - 1];
    const calls = turn === undefined ? [] : Array.isArray(turn) ? turn : [turn];
    return calls.map((call, index) => ({
      type: 'tool-call' as const,
      toolCallId: `c${prompts.length}-${index}`,
      toolName: 'runCode',
      input: JSON.stringify(typeof call === 'string' ? { code: call } : call),
    }));
  };
  const finish = (calls: unknown[]) => ({
    unified: calls.length > 0 ? ('tool-calls' as const) : ('stop' as const),
    raw: undefined,
  });
  const model = new MockLanguageModelV4({
    doStream: async (options) => {
      const calls = next(options);
      const text: LanguageModelV4StreamPart[] = [
        { type: 'text-start', id: '1' },
        { type: 'text-delta', id: '1', delta: 'done' },
        { type: 'text-end', id: '1' },
      ];
      return {
        stream: convertArrayToReadableStream<LanguageModelV4StreamPart>([
          { type: 'stream-start', warnings: [] },
          ...(calls.length > 0 ? calls : text),
          { type: 'finish', finishReason: finish(calls), usage },
        ]),
      };
    },
    doGenerate: async (options) => {
      const calls = next(options);
      const content = calls.length > 0 ? calls : [{ type: 'text' as const, text: 'done' }];
      return { content, finishReason: finish(calls), usage, warnings: [] };
    },
  });
  // It bundles the provider types of its own version.
  return { model: model as unknown as MastraModelConfig, prompts, descriptions };
}

/** What the model was given for each tool call, in order. */
export function toolResultsSeen(prompts: Prompt[]): { text: string; images: { mediaType: string; data: string }[] }[] {
  return (prompts.at(-1) ?? []).flatMap((message) =>
    message.role === 'tool'
      ? message.content.flatMap((part) => (part.type === 'tool-result' ? [seenOf(part.output)] : []))
      : [],
  );
}

type ToolOutput = Extract<
  Extract<Prompt[number], { role: 'tool' }>['content'][number],
  { type: 'tool-result' }
>['output'];

function seenOf(output: ToolOutput) {
  if (output.type === 'text' || output.type === 'error-text') return { text: output.value, images: [] };
  if (output.type !== 'content') return { text: JSON.stringify(output), images: [] };
  const text = output.value.map((item) => (item.type === 'text' ? item.text : '')).join('');
  const images = output.value.flatMap((item) =>
    item.type === 'file' && item.data.type === 'data'
      ? [{ mediaType: item.mediaType, data: String(item.data.data) }]
      : [],
  );
  return { text, images };
}
