/** So many at once; more wait, first come, first served. */
export class Places {
  readonly #count: number;
  readonly #taken = new Set<object>();
  readonly #queue = new Map<object, () => void>();

  constructor(count: number) {
    this.#count = count;
  }

  /** Takes a place. Undefined when there was one, else a promise of it. */
  enter(who: object): Promise<void> | undefined {
    if (this.#taken.size < this.#count) {
      this.#taken.add(who);
      return undefined;
    }
    return new Promise((resolve) => this.#queue.set(who, resolve));
  }

  /** Gives it up, whether there was a place or a wait for one. */
  leave(who: object): void {
    if (this.#queue.delete(who) || !this.#taken.delete(who)) return;
    const [next] = this.#queue;
    if (next === undefined) return;
    const [first, enter] = next;
    this.#queue.delete(first);
    this.#taken.add(first);
    enter();
  }
}
