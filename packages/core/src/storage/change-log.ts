import type { StorageKey } from './keys.ts';
import type { StorageChanges, StoredEntry } from './storage.ts';

/** What a look at a collection showed. */
export interface Sight {
  /** All that is there: names, each with a mark that is another one when its document is. */
  marks: ReadonlyMap<string, string>;
  /** By name; one that is gone by now may be left out. */
  entries(names: string[]): Promise<StoredEntry[]>;
}

/** Numbers the changes of a collection as one handle sees them, so that each reader can ask from where it left off. */
export class ChangeLog {
  readonly #collection: string;
  readonly #look: () => Promise<Sight>;
  readonly #seen = new Map<string, { mark: string; count: number }>();
  #marks: Sight['marks'] | undefined;
  #count = 0;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param look gives the same `marks` object while nothing changes */
  constructor(collection: string, look: () => Promise<Sight>) {
    this.#collection = collection;
    this.#look = look;
  }

  /** One at a time, so that no look comes after a newer one. */
  async since(stamp: string | undefined): Promise<StorageChanges | undefined> {
    const turn = this.#turn.then(() => this.#since(stamp));
    this.#turn = turn.catch(() => {});
    return await turn;
  }

  async #since(stamp: string | undefined): Promise<StorageChanges | undefined> {
    const { marks, entries } = await this.#look();
    if (marks !== this.#marks) this.#take(marks);
    if (stamp === String(this.#count)) return undefined;
    const names = [...marks.keys()].sort();
    const changed = names.filter((name) => (this.#seen.get(name)?.count ?? 0) > Number(stamp ?? 0));
    return {
      stamp: String(this.#count),
      keys: names.map((name): StorageKey => `${this.#collection}/${name}`),
      changed: await entries(changed),
    };
  }

  #take(marks: Sight['marks']): void {
    const count = this.#count + 1;
    let changed = false;
    for (const name of this.#seen.keys()) {
      if (!marks.has(name)) changed = this.#seen.delete(name);
    }
    for (const [name, mark] of marks) {
      if (this.#seen.get(name)?.mark === mark) continue;
      this.#seen.set(name, { mark, count });
      changed = true;
    }
    if (changed) this.#count = count;
    this.#marks = marks;
  }
}
