const TICK_MS = 1_000;

/** Notices that a process which owes an answer says nothing. */
export class SilenceWatch {
  readonly #limitMs: number;
  readonly #notice: () => void;
  #ticks = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number, notice: () => void) {
    this.#limitMs = limitMs;
    this.#notice = notice;
  }

  /** An answer is owed from now on. */
  start(): void {
    // Ticks are counted, and no time is compared: while this process itself stands still, nobody is silent.
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** Something was said. */
  heard(): void {
    this.#ticks = 0;
  }

  /** No answer is owed any more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#ticks = 0;
  }

  #tick(): void {
    if (++this.#ticks * TICK_MS < this.#limitMs) return;
    this.stop();
    this.#notice();
  }
}
