import type {
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4ToolResultPart,
} from '@ai-sdk/provider';
import { convertArrayToReadableStream, MockLanguageModelV4 } from 'ai/test';

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
};

type ToolCall = { toolName: string; input: unknown };

/** A model that makes each tool call in turn and then answers. */
export function scriptedModel(calls: ToolCall[], answer = 'done'): MockLanguageModelV4 {
  const steps = calls.map(({ toolName, input }, index) => ({
    type: 'tool-call' as const,
    toolCallId: `c${index + 1}`,
    toolName,
    input: JSON.stringify(input),
  }));
  const callEnd = { finishReason: { unified: 'tool-calls' as const, raw: undefined }, usage };
  const answerEnd = { finishReason: { unified: 'stop' as const, raw: undefined }, usage };
  const doGenerate: LanguageModelV4GenerateResult[] = [
    ...steps.map((call) => ({ content: [call], warnings: [], ...callEnd })),
    { content: [{ type: 'text', text: answer }], warnings: [], ...answerEnd },
  ];
  const streams: LanguageModelV4StreamPart[][] = [
    ...steps.map((call): LanguageModelV4StreamPart[] => [call, { type: 'finish', ...callEnd }]),
    [
      { type: 'text-start', id: '1' },
      { type: 'text-delta', id: '1', delta: answer },
      { type: 'text-end', id: '1' },
      { type: 'finish', ...answerEnd },
    ],
  ];
  const doStream = streams.map((parts) => ({
    stream: convertArrayToReadableStream<LanguageModelV4StreamPart>([{ type: 'stream-start', warnings: [] }, ...parts]),
  }));
  return new MockLanguageModelV4({ doGenerate, doStream });
}

/** A model that calls `runCode` with each program. */
export function programmer(...programs: string[]): MockLanguageModelV4 {
  return scriptedModel(programs.map((code) => ({ toolName: 'runCode', input: { code } })));
}

/** What the model was given for each tool call, in order. */
export function toolResultsSeen(model: MockLanguageModelV4): LanguageModelV4ToolResultPart['output'][] {
  const last = [...model.doGenerateCalls, ...model.doStreamCalls].at(-1);
  return (last?.prompt ?? []).flatMap((message) =>
    message.role === 'tool'
      ? message.content.flatMap((part) => (part.type === 'tool-result' ? [part.output] : []))
      : [],
  );
}

/** The description of `runCode` that the model was given at a step. */
export function descriptionSeen(model: MockLanguageModelV4, step = 0): string {
  const tools = [...model.doGenerateCalls, ...model.doStreamCalls][step]?.tools ?? [];
  const found = tools.find(({ name }) => name === 'runCode');
  return found?.type === 'function' ? (found.description ?? '') : '';
}
