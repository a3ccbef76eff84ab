import { CallFailure } from './call-failure.ts';

/** The call's own time limit; it stands still while somebody is asked. */
export class CallTimer {
  readonly #controller: AbortController;
  readonly #limitMs: number;
  #leftMs: number;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @param controller is aborted when the time is up */
  constructor(limitMs: number, controller: AbortController) {
    this.#limitMs = limitMs;
    this.#leftMs = limitMs;
    this.#controller = controller;
    this.#start();
  }

  async pausedWhile<T>(waiting: Promise<T>): Promise<T> {
    clearTimeout(this.#timer);
    this.#leftMs -= performance.now() - this.#since;
    const result = await waiting;
    if (!this.#stopped) this.#start();
    return result;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #start(): void {
    if (this.#limitMs === Number.POSITIVE_INFINITY) return;
    this.#since = performance.now();
    this.#timer = setTimeout(() => {
      const message = `The call took longer than ${this.#limitMs} ms (limits.callTimeoutMs).`;
      this.#controller.abort(new CallFailure('timeout', message));
    }, this.#leftMs);
  }
}
