/**
 * Calls of one session that overlap make a turn: while one of them waits for an approval the others are refused. A call
 * that comes when none is open begins another turn, which ends what still waits.
 */
export class Turns {
  readonly #open = new Map<string, { turn: object; calls: number }>();

  begin(key: string): object {
    const entry = this.#open.get(key) ?? { turn: {}, calls: 0 };
    entry.calls++;
    this.#open.set(key, entry);
    return entry.turn;
  }

  end(key: string): void {
    const entry = this.#open.get(key);
    if (entry && --entry.calls === 0) this.#open.delete(key);
  }
}
