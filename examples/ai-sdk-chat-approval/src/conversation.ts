import type { CodeMode } from '@code-mode/ai-sdk';
import type { SessionEvent } from '@code-mode/core';
import {
  createUIMessageStream,
  isStepCount,
  type LanguageModel,
  type ModelMessage,
  streamText,
  toUIMessageStream,
  type UIMessage,
  type UIMessageChunk,
} from 'ai';
import { type PythonPart, pythonPart } from './python-part.ts';

export type PageMessage = UIMessage<unknown, { python: PythonPart }>;
type Chunk = UIMessageChunk<unknown, { python: PythonPart }>;

const CHARTS = `Show a chart with display(): an object of a class with _repr_svg_, and with a __repr__ that describes it in words.
No packages are installed. When a call is denied, do not try it again.`;

/** One conversation. Its messages stay on the server, so that nobody approves a call that was not asked about. */
export class Conversation {
  readonly #id: string;
  readonly #model: LanguageModel;
  readonly #codeMode: CodeMode;
  readonly #messages: ModelMessage[] = [];
  /** The SDK's requests that wait for an answer. */
  readonly #asked = new Set<string>();
  #isBusy = false;
  #write: ((chunk: Chunk) => void) | undefined;

  constructor(id: string, model: LanguageModel, codeMode: CodeMode) {
    this.#id = id;
    this.#model = model;
    this.#codeMode = codeMode;
  }

  /** Undefined while an answer is on its way or a person is asked. */
  ask(text: string, signal: AbortSignal): ReadableStream<Chunk> | undefined {
    if (this.#isBusy || this.#asked.size > 0) return undefined;
    this.#messages.push({ role: 'user', content: text });
    return this.#answer(signal);
  }

  /** Undefined when this request does not wait for an answer. */
  decide(approvalId: string, approved: boolean, signal: AbortSignal): ReadableStream<Chunk> | undefined {
    if (this.#isBusy || !this.#asked.delete(approvalId)) return undefined;
    this.#messages.push({ role: 'tool', content: [{ type: 'tool-approval-response', approvalId, approved }] });
    return this.#answer(signal);
  }

  /** What happens in the session of this conversation. */
  tell(event: SessionEvent): void {
    const data = pythonPart(event);
    if (data) this.#write?.({ type: 'data-python', data, transient: true });
  }

  #answer(abortSignal: AbortSignal): ReadableStream<Chunk> {
    const { tools, toolApproval, instructions } = this.#codeMode;
    this.#isBusy = true;
    return createUIMessageStream<PageMessage>({
      onError: (error) => `The model failed: ${String(error)}`,
      execute: async ({ writer }) => {
        this.#write = (chunk) => writer.write(chunk);
        const { stream, responseMessages } = streamText({
          model: this.#model,
          instructions: `${instructions} ${CHARTS}`,
          messages: this.#messages,
          tools,
          toolApproval,
          toolsContext: { runCode: { conversation: this.#id } },
          stopWhen: isStepCount(15),
          abortSignal,
        });
        writer.merge(toUIMessageStream<typeof tools, PageMessage>({ stream, onError: String }));
        // What went wrong is in the stream.
        for (const message of await Promise.resolve(responseMessages).catch(() => [])) this.#keep(message);
        this.#isBusy = false;
        this.#write = undefined;
      },
    });
  }

  #keep(message: ModelMessage): void {
    this.#messages.push(message);
    if (message.role !== 'assistant' || typeof message.content === 'string') return;
    for (const part of message.content)
      if (part.type === 'tool-approval-request' && !part.isAutomatic) this.#asked.add(part.approvalId);
  }
}
