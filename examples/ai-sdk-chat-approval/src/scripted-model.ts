import { type LanguageModel, simulateReadableStream } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { script } from './script.ts';

const usage = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
};

/** About as fast as a model writes. */
const WORD_MS = 25;

type Streamed = Awaited<ReturnType<MockLanguageModelV4['doStream']>>;
type Part = Streamed['stream'] extends ReadableStream<infer P> ? P : never;
type Prompt = Parameters<MockLanguageModelV4['doStream']>[0]['prompt'];

/** Knows the questions of the script: writes the program of the last one, reads its outcome, answers. */
export function scriptedModel(): LanguageModel {
  return new MockLanguageModelV4({
    modelId: 'scripted',
    doStream: async ({ prompt }) => {
      const asked = prompt.findLastIndex(({ role }) => role === 'user');
      const question = textOf(prompt[asked]);
      const turn = script.find((known) => known.question === question);
      if (!turn)
        return say('I follow a script and know only the suggested questions. Set OPENAI_API_KEY for a real model.');
      const read = prompt.slice(asked + 1).flatMap(toolResults);
      return read.length === 0 ? call(`call-${prompt.length}`, turn.program.trim()) : say(turn.answer(read.join('\n')));
    },
  });
}

function textOf(message: Prompt[number] | undefined): string {
  if (message?.role !== 'user') return '';
  return message.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** What the model is given for its calls. */
function toolResults(message: Prompt[number]): string[] {
  if (message.role !== 'tool') return [];
  return message.content.flatMap((part) => {
    if (part.type !== 'tool-result') return [];
    const { output } = part;
    if (output.type === 'execution-denied') return `A person said no. ${output.reason ?? ''}`;
    return output.type === 'text' || output.type === 'error-text' ? output.value : JSON.stringify(output);
  });
}

function say(text: string): Streamed {
  const words = text.split(/(?<= )/u);
  return streamOf('stop', [
    { type: 'text-start', id: 'answer' },
    ...words.map((delta): Part => ({ type: 'text-delta', id: 'answer', delta })),
    { type: 'text-end', id: 'answer' },
  ]);
}

function call(toolCallId: string, code: string): Streamed {
  return streamOf('tool-calls', [
    { type: 'tool-call', toolCallId, toolName: 'runCode', input: JSON.stringify({ code }) },
  ]);
}

function streamOf(unified: 'stop' | 'tool-calls', parts: Part[]): Streamed {
  const end: Part = { type: 'finish', finishReason: { unified, raw: undefined }, usage };
  const chunks: Part[] = [{ type: 'stream-start', warnings: [] }, ...parts, end];
  return { stream: simulateReadableStream({ chunks, chunkDelayInMs: WORD_MS }) };
}
