import type { Zygote } from './zygote.ts';

/** A zygote without kernels ends after this long, so that closed sessions leave nothing behind. */
const LINGER_MS = 10_000;

/** The place of one zygote: starts it when it is needed, again when it was lost, and ends it when it is not. */
export class ZygoteSlot {
  readonly #start: (spawned: () => void) => Promise<Zygote>;
  readonly #ended: () => void;
  #zygote: Promise<Zygote> | undefined;
  #live: Zygote | undefined;
  #linger: NodeJS.Timeout | undefined;
  #users = 0;
  /** Called when the process is there, long before the zygote is. */
  #spawned = () => {};

  /**
   * `start` may tell when it has made the process; `ended` is called when it has ended its zygote because nobody needs
   * it.
   */
  constructor(start: (spawned: () => void) => Promise<Zygote>, ended: () => void) {
    this.#start = start;
    this.#ended = ended;
  }

  /** Whether there is no kernel, and none on its way. */
  get idle(): boolean {
    return this.#users === 0 && (this.#live?.kernelCount ?? 0) === 0;
  }

  /** Does something with the zygote, which stays meanwhile. */
  async use<T>(task: (zygote: Zygote) => Promise<T>): Promise<T> {
    clearTimeout(this.#linger);
    this.#users++;
    // Everything of ours is unreferenced, so Node would end while a kernel starts.
    const hold = setInterval(() => {}, 2 ** 30);
    try {
      return await task(await this.#ensure());
    } finally {
      clearInterval(hold);
      this.#users--;
      this.release();
    }
  }

  /** Starts the zygote ahead of its first use; resolves once its process is made, or cannot be. */
  warmUp(): Promise<void> {
    return new Promise((resolve) => {
      this.#spawned = resolve;
      const started = this.use(async () => {});
      started.then(resolve, () => resolve());
    });
  }

  /** To be called when a kernel is gone: lets the zygote end when it was the last. */
  release(): void {
    clearTimeout(this.#linger);
    if (!this.#live || !this.idle) return;
    this.#linger = setTimeout(() => {
      if (this.idle) void this.close();
    }, LINGER_MS).unref();
  }

  /** Ends the zygote and its kernels. */
  async close(): Promise<void> {
    clearTimeout(this.#linger);
    const ending = this.#zygote;
    this.#zygote = undefined;
    this.#live = undefined;
    this.#ended();
    const zygote = await ending?.catch(() => undefined);
    await zygote?.close();
  }

  #ensure(): Promise<Zygote> {
    if (this.#live?.lostReason !== undefined) {
      // Both: the next one is on its way when somebody else comes here.
      this.#zygote = undefined;
      this.#live = undefined;
    }
    this.#zygote ??= this.#begin();
    return this.#zygote;
  }

  async #begin(): Promise<Zygote> {
    try {
      this.#live = await this.#start(() => this.#spawned());
      return this.#live;
    } catch (error) {
      this.#zygote = undefined;
      throw error;
    }
  }
}
