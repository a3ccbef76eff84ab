import { randomUUID } from 'node:crypto';
import { parseJsonEventStream, uiMessageChunkSchema } from 'ai';
import type { PythonPart } from './python-part.ts';

/** What came back on one message. */
export interface Reply {
  status: number;
  /** What the model wrote, in the pieces in which it came. */
  text: string[];
  /** What Python printed. */
  printed: string;
  /** Data URLs of charts. */
  images: string[];
  /** The approval request that it ends with. */
  request: { approvalId: string; reason?: string | undefined } | undefined;
}

/** A conversation over HTTP, without the page. */
export class ConversationClient {
  readonly #address: string;

  constructor(url: string) {
    this.#address = `${url}/conversations/${randomUUID()}`;
  }

  async send(message: { text: string } | { approvalId: string; approved: boolean }): Promise<Reply> {
    const headers = { 'content-type': 'application/json' };
    const { status, ok, body } = await fetch(this.#address, { method: 'POST', headers, body: JSON.stringify(message) });
    const reply: Reply = { status, text: [], printed: '', images: [], request: undefined };
    if (!ok || !body) return reply;
    for await (const parsed of parseJsonEventStream({ stream: body, schema: uiMessageChunkSchema })) {
      if (!parsed.success) throw parsed.error;
      const chunk = parsed.value;
      if (chunk.type === 'error') throw new Error(chunk.errorText);
      if (chunk.type === 'text-delta') reply.text.push(chunk.delta);
      if (chunk.type === 'tool-approval-request' && !chunk.isAutomatic) reply.request = chunk;
      if (chunk.type !== 'data-python') continue;
      const part = chunk.data as PythonPart;
      if ('text' in part) reply.printed += part.text;
      if ('image' in part) reply.images.push(part.image.url);
    }
    return reply;
  }
}
