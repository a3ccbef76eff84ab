import { setTimeout as sleep } from 'node:timers/promises';
import { CodeModeError } from '../../errors.ts';
import type { StorageKey } from '../../storage/keys.ts';
import type { Metadata, Storage } from '../../storage/storage.ts';

/**
 * A collection of small JSON objects, kept as the metadata of empty documents, so that one `list` reads them all.
 */
export class SmallDocuments {
  readonly #storage: Storage;
  readonly #collection: string;
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(storage: Storage, collection: string) {
    this.#storage = storage;
    this.#collection = collection;
  }

  async get(name: string): Promise<Metadata | undefined> {
    return (await this.#storage.head(this.#key(name)))?.metadata;
  }

  async all(): Promise<Map<string, Metadata>> {
    const entries = await this.#storage.list(this.#collection);
    return new Map(entries.map(({ key, metadata }) => [key.slice(this.#collection.length + 1), metadata ?? {}]));
  }

  /** Changes one object; no change of anybody else is lost. */
  async update(name: string, change: (before: Metadata | undefined) => Metadata): Promise<void> {
    // Changes made in this process queue up instead of getting in each other's way.
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(() => this.#update(name, change));
    const settled = turn.catch(() => {});
    this.#turns.set(name, settled);
    try {
      await turn;
    } finally {
      if (this.#turns.get(name) === settled) this.#turns.delete(name);
    }
  }

  async delete(name: string): Promise<void> {
    await this.#storage.delete(this.#key(name));
  }

  async #update(name: string, change: (before: Metadata | undefined) => Metadata): Promise<void> {
    const key = this.#key(name);
    for (let attempt = 0; ; attempt++) {
      const before = await this.#storage.head(key);
      try {
        await this.#storage.set(key, new Uint8Array(), {
          ifVersion: before?.version ?? 'absent',
          metadata: change(before?.metadata),
        });
        return;
      } catch (error) {
        if (!isConflict(error) || attempt === maxAttempts) throw error;
      }
      await sleep(Math.random() * Math.min(2 ** attempt, 64));
    }
  }

  #key(name: string): StorageKey {
    return `${this.#collection}/${name}`;
  }
}

export function isConflict(error: unknown): boolean {
  return CodeModeError.isInstance(error) && error.code === 'storage_conflict';
}

const maxAttempts = 100;
