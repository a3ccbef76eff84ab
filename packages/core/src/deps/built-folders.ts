import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileLocks } from '../storage/file/locks.ts';
import { Tree } from '../storage/file/tree.ts';

export interface BuiltFolder<Facts> {
  folder: string;
  facts: Facts;
}

/**
 * Folders that are built once and then only read, by any number of processes.
 *
 * Each attempt builds in a folder of its own, and a small file names the one that is complete. So a build that was
 * killed is never taken for a whole one, and what a survivor of it still writes lands where nobody looks.
 */
export class BuiltFolders {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What is there, if it is complete. */
  async find<Facts>(key: string): Promise<BuiltFolder<Facts> | undefined> {
    try {
      const { folder, facts } = JSON.parse(await readFile(this.#pointer(key), 'utf8')) as BuiltFolder<Facts>;
      const path = join(this.#folder, folder);
      await stat(path);
      return { folder: path, facts };
    } catch {
      // Missing, or cleaned away in part: it is built again.
      return undefined;
    }
  }

  /**
   * What is there, or what `build` makes; it gets an empty folder and returns what to remember of it. One process builds,
   * the others wait.
   * @throws CodeModeError `storage_unavailable` when another process builds for longer than `timeoutMs`
   */
  async get<Facts>(
    key: string,
    options: { timeoutMs: number; build(folder: string): Promise<Facts> },
  ): Promise<BuiltFolder<Facts>> {
    const found = await this.find<Facts>(key);
    if (found) return found;
    const locks = new FileLocks(new Tree(this.#folder, []), options.timeoutMs);
    try {
      return await locks.hold(
        key,
        async () => (await this.find<Facts>(key)) ?? (await this.#build(key, options.build)),
      );
    } finally {
      await locks.close();
    }
  }

  async #build<Facts>(key: string, build: (folder: string) => Promise<Facts>): Promise<BuiltFolder<Facts>> {
    await this.#removeRemains(key);
    const name = `${key}-${randomBytes(4).toString('hex')}`;
    const folder = join(this.#folder, name);
    await mkdir(folder, { recursive: true });
    try {
      const facts = await build(folder);
      // Beside the folder: what was built may have put a link into it, in the draft's place.
      const draft = `${folder}.json`;
      await writeFile(draft, JSON.stringify({ folder: name, facts }), { flush: true });
      await rename(draft, this.#pointer(key));
      return { folder, facts };
    } catch (error) {
      await remove(folder);
      throw error;
    }
  }

  /** Under the lock: what builds that were killed have left. */
  async #removeRemains(key: string): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names) if (name.startsWith(`${key}-`)) await remove(join(this.#folder, name));
  }

  #pointer(key: string): string {
    return join(this.#folder, `${key}.json`);
  }
}

/** Somebody may still write into it; then the rest goes the next time. */
async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 2 }).catch(() => {});
}
