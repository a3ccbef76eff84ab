import { renameSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonValue } from '../../run-result.ts';
import { isRecord, toArtifactEntry } from '../py-layout.ts';
import type { Metadata, StoredEntry } from '../storage.ts';
import { readSmallFile, replaceFile } from './files.ts';
import type { FileLocks } from './locks.ts';
import { recordId } from './records.ts';
import type { Folder, Tree } from './tree.ts';

/**
 * py-code-mode's `.artifacts.json`. For what py-code-mode wrote it is the source. For what we wrote it is a copy of our records,
 * brought up to date a moment later and for many changes at once, because the whole file is written each time.
 * What a killed process, or py-code-mode's own writing over us, leaves out is put in by the next `list`.
 */
export class ArtifactIndex {
  readonly #tree: Tree;
  readonly #locks: FileLocks;
  /** Tells what our records say about a name now: metadata, or `undefined` when there is no such artifact. */
  readonly #lookUp: (name: string) => Promise<IndexUpdate>;
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  /** A large index is written less often, so that this takes a small part of the time. */
  #delayMs = 100;

  constructor(tree: Tree, locks: FileLocks, lookUp: (name: string) => Promise<IndexUpdate>) {
    this.#tree = tree;
    this.#locks = locks;
    this.#lookUp = lookUp;
  }

  touch(name: string): void {
    this.#changed.add(name);
    this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), this.#delayMs);
  }

  /** Touches what is ours and differs there. */
  compare(index: Map<string, Metadata>, entries: StoredEntry[], isOurs: (name: string) => boolean): void {
    for (const { key, metadata } of entries) {
      const name = key.slice(key.indexOf('/') + 1);
      if (isOurs(name) && index.get(name)?.created_at !== metadata?.created_at) this.touch(name);
    }
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#changed.size === 0) return;
    await this.#locks.hold('artifacts-index', async () => {
      const names = [...this.#changed];
      this.#changed.clear();
      try {
        const started = performance.now();
        using folder = this.#tree.createFolder(['artifacts']);
        await this.#update(folder, names);
        this.#delayMs = Math.min(2000, Math.max(100, 20 * (performance.now() - started)));
      } catch (error) {
        // Not lost: the next change, or the next list, brings them along.
        for (const name of names) this.#changed.add(name);
        throw error;
      }
    });
  }

  async #update(folder: Folder, names: string[]): Promise<void> {
    const index = await readIndex(folder, true);
    for (const name of names) {
      const update = await this.#lookUp(name);
      if (update === 'absent') delete index[name];
      else if (update !== 'foreign') index[name] = { ...toArtifactEntry(update) };
    }
    const id = recordId(indexName);
    await replaceFile(folder, indexName, JSON.stringify(index, null, 1), { id, sync: false });
  }
}

export type IndexUpdate = Metadata | 'absent' | 'foreign';

export async function readArtifactIndex(tree: Tree): Promise<Map<string, Metadata>> {
  using folder = tree.folder(['artifacts']);
  const index = folder ? await readIndex(folder, false) : {};
  return new Map(Object.entries(index).filter((entry): entry is [string, Metadata] => isRecord(entry[1])));
}

const indexName = '.artifacts.json';

/** py-code-mode writes it in place, so what is not valid may be valid in a moment. */
async function readIndex(folder: Folder, keepBroken: boolean): Promise<Record<string, JsonValue>> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const data = await readSmallFile(folder, indexName);
    if (data === undefined) break;
    try {
      // A null prototype, because an artifact may be called `__proto__`.
      const index: unknown = Object.assign(Object.create(null), JSON.parse(data.toString('utf8')));
      if (isRecord(index)) return index;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    if (attempt === 4 && keepBroken)
      renameSync(folder.path(indexName), folder.path(`.code-mode-broken-index-${Date.now()}.json`));
    await sleep(2 ** attempt);
  }
  return Object.create(null) as Record<string, JsonValue>;
}
