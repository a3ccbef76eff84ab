import { lstatSync, readdirSync, unlinkSync } from 'node:fs';
import { CodeModeError } from '../../errors.ts';
import { type ParsedKey, parseKey, parsePrefix, privatePrefix } from '../keys.ts';
import type { StoredEntry } from '../storage.ts';
import { readArtifactIndex } from './artifact-index.ts';
import type { FileDocuments } from './documents.ts';
import { collectionFolder, nameOf } from './layout.ts';
import { readSoundRecord, recordFolder, recordId } from './records.ts';
import { type Folder, ignore, type Tree } from './tree.ts';

/** Everything that is there, also what was put there by hand; on the way, what dead writers left behind is dealt with. */
export async function listDocuments(tree: Tree, documents: FileDocuments, prefix: string): Promise<StoredEntry[]> {
  const { collection, namePrefix } = parsePrefix(prefix);
  const walk = new Walk(tree, documents, collection, namePrefix);
  await walk.visit([]);
  walk.readRecords();
  const index = collection === 'artifacts' ? await readArtifactIndex(tree) : undefined;
  const names = [...walk.names].sort((a, b) => (a < b ? -1 : 1));
  const entries = await inParallel(names, 8, async (name): Promise<StoredEntry | undefined> => {
    const key = parseKey(`${collection}/${name}`);
    try {
      return await documents.head(key, index);
    } catch (error) {
      if (!CodeModeError.isInstance(error) || error.code !== 'storage_corrupt') throw error;
      return { key: key.key, version: 'corrupt', size: 0, problem: error.message };
    }
  });
  const found = entries.filter((entry) => entry !== undefined);
  if (index) documents.artifactIndex.compare(index, found, walk.hasRecord);
  return found;
}

class Walk {
  readonly names = new Set<string>();
  readonly #recordIds = new Set<string>();
  readonly #tree: Tree;
  readonly #documents: FileDocuments;
  readonly #collection: string;
  readonly #prefix: string;

  constructor(tree: Tree, documents: FileDocuments, collection: string, prefix: string) {
    this.#tree = tree;
    this.#documents = documents;
    this.#collection = collection;
    this.#prefix = prefix;
  }

  async visit(folders: string[]): Promise<void> {
    using folder = this.#tree.folder([...collectionFolder(this.#collection), ...folders]);
    if (folder === undefined) return;
    for (const item of readdirSync(folder.path(), { withFileTypes: true })) {
      if (item.isDirectory()) await this.#enter([...folders, item.name]);
      else if (item.name.startsWith(privatePrefix)) await this.#sweep(folder, item.name);
      else this.#add(nameOf(this.#collection, folders, item.name));
    }
  }

  readRecords(): void {
    using folder = this.#tree.folder(recordFolder(this.#collection));
    for (const name of folder ? readdirSync(folder.path()) : []) {
      if (folder && name.startsWith(privatePrefix)) removeIfOld(folder, name);
      else this.#recordIds.add(name);
    }
  }

  readonly hasRecord = (name: string): boolean => this.#recordIds.has(`${recordId(name)}.json`);

  async #enter(folders: string[]): Promise<void> {
    const path = `${folders.join('/')}/`;
    if (this.#collection === 'workflows' || folders.length >= 16) return;
    if (path.startsWith(this.#prefix) || this.#prefix.startsWith(path)) await this.visit(folders);
  }

  #add(name: string | undefined): void {
    if (name?.startsWith(this.#prefix)) this.names.add(name);
  }

  /** A temporary file is a finished write, one in progress, or what is left of one. */
  async #sweep(folder: Folder, name: string): Promise<void> {
    const id = /^\.code-mode-([0-9a-f]{32})-[0-9a-f]+\.tmp$/.exec(name)?.[1];
    if (id === undefined) return;
    const record = await readSoundRecord(this.#tree, this.#collection, id);
    if (record?.staged !== name) return removeIfOld(folder, name);
    const key: ParsedKey = parseKey(`${this.#collection}/${record.name}`);
    await this.#documents.finish(key);
    this.#add(key.name);
  }
}

/** A writer that is still alive has written to its file within the hour. */
function removeIfOld(folder: Folder, name: string): void {
  const stat = lstatSync(folder.path(name), { throwIfNoEntry: false });
  if (stat !== undefined && Date.now() - stat.mtimeMs > 3_600_000)
    ignore(() => unlinkSync(folder.path(name)), 'ENOENT');
}

async function inParallel<T, R>(items: readonly T[], width: number, task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await task(items[at] as T);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
