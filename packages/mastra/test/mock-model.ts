import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { MastraModelConfig } from '@mastra/core/llm';
import { convertArrayToReadableStream, MockLanguageModelV4 } from 'ai/test';

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
};

export type Prompt = MockLanguageModelV4['doGenerateCalls'][number]['prompt'];

/** A model that calls `runCode` with each program in turn and then answers `done`; `prompts` are those it got. */
export function programmer(...programs: string[]): { model: MastraModelConfig; prompts: Prompt[] } {
  const prompts: Prompt[] = [];
  const next = (prompt: Prompt): LanguageModelV4StreamPart[] => {
    prompts.push(prompt);
    const code = programs[prompts.length - 1];
    if (code === undefined) {
      return [
        { type: 'text-start', id: '1' },
        { type: 'text-delta', id: '1', delta: 'done' },
        { type: 'text-end', id: '1' },
        { type: 'finish', finishReason: { unified: 'stop', raw: undefined }, usage },
      ];
    }
    const input = JSON.stringify({ code });
    return [
      { type: 'tool-call', toolCallId: `c${prompts.length}`, toolName: 'runCode', input },
      { type: 'finish', finishReason: { unified: 'tool-calls', raw: undefined }, usage },
    ];
  };
  const model = new MockLanguageModelV4({
    doStream: async ({ prompt }) => ({
      stream: convertArrayToReadableStream<LanguageModelV4StreamPart>([
        { type: 'stream-start', warnings: [] },
        ...next(prompt),
      ]),
    }),
    doGenerate: async ({ prompt }) => {
      const parts = next(prompt);
      const call = parts.find((part) => part.type === 'tool-call');
      const unified = call ? ('tool-calls' as const) : ('stop' as const);
      const content = call ?? { type: 'text' as const, text: 'done' };
      return { content: [content], finishReason: { unified, raw: undefined }, usage, warnings: [] };
    },
  });
  // It bundles the provider types of its own version.
  return { model: model as unknown as MastraModelConfig, prompts };
}

/** The text the model was given for each tool call, in order. */
export function toolResultsSeen(prompts: Prompt[]): string[] {
  return (prompts.at(-1) ?? []).flatMap((message) =>
    message.role === 'tool'
      ? message.content.flatMap((part) => {
          if (part.type !== 'tool-result') return [];
          const { output } = part;
          if (output.type === 'content')
            return [output.value.map((item) => (item.type === 'text' ? item.text : '')).join('')];
          return ['value' in output ? String(output.value) : output.type];
        })
      : [],
  );
}
