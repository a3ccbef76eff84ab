import type { SessionEvent } from '@code-mode/core';
import type { ServerContext } from '@modelcontextprotocol/server';

/** A client may give up on a call that says nothing for a minute. */
const SIGN_OF_LIFE_MS = 10_000;
const MAX_MESSAGE_CHARS = 10_000;

/** What a run prints, as progress notifications, when the client has asked for them. */
export class OutputProgress implements Disposable {
  readonly #notify: ServerContext['mcpReq']['notify'];
  readonly #token: string | number | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #text = '';
  #count = 0;
  #sending: Promise<void> | undefined;

  constructor(ctx: ServerContext) {
    this.#notify = ctx.mcpReq.notify;
    this.#token = ctx.mcpReq._meta?.progressToken;
    if (this.#token === undefined) return;
    const started = Date.now();
    this.#timer = setInterval(() => {
      this.#text ||= `[running for ${Math.round((Date.now() - started) / 1000)} s]`;
      this.#send();
    }, SIGN_OF_LIFE_MS);
    this.#timer.unref();
  }

  add(event: SessionEvent): void {
    if (event.type !== 'output' || this.#token === undefined) return;
    this.#text += event.text;
    this.#send();
  }

  /** Resolves when the client was told all that was printed so far. */
  async sent(): Promise<void> {
    while (this.#sending) await this.#sending;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** One at a time: what is printed meanwhile goes together into the next. */
  #send(): void {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  async #sendAll(): Promise<void> {
    while (this.#text !== '') {
      const text = this.#text;
      this.#text = '';
      const cut = text.length > MAX_MESSAGE_CHARS;
      const message = cut ? `[… ${text.length - MAX_MESSAGE_CHARS} characters]${text.slice(-MAX_MESSAGE_CHARS)}` : text;
      const params = { progressToken: this.#token, progress: ++this.#count, message };
      // A client that has gone must not end the run in a way of its own: its cancellation does.
      await this.#notify({ method: 'notifications/progress', params }).catch(() => {});
    }
  }
}
