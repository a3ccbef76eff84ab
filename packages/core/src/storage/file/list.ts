import { lstatSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CodeModeError } from '../../errors.ts';
import { type ParsedKey, parseKey, parsePrefix, privatePrefix } from '../keys.ts';
import type { StoredEntry } from '../storage.ts';
import { readArtifactIndex } from './artifact-index.ts';
import type { FileDocuments } from './documents.ts';
import { collectionFolder, nameOf, placeOf } from './layout.ts';
import { Look } from './look.ts';
import { readSoundRecord, recordFolder, recordId } from './records.ts';
import { type Folder, ignore, type Tree } from './tree.ts';

/** Everything that is there, also what was put there by hand; on the way, what dead writers left behind is dealt with. */
export async function listDocuments(tree: Tree, documents: FileDocuments, prefix: string): Promise<StoredEntry[]> {
  const { collection, namePrefix } = parsePrefix(prefix);
  const walk = new Walk(tree, documents, collection, namePrefix);
  await walk.run();
  return await readEntries(tree, documents, walk, [...walk.files.keys()]);
}

/** The entries of some names that a walk has found, by name. One that is gone by now is left out. */
export async function readEntries(
  tree: Tree,
  documents: FileDocuments,
  walk: Walk,
  found: string[],
): Promise<StoredEntry[]> {
  const { collection } = walk;
  const index = collection === 'artifacts' ? await readArtifactIndex(tree) : undefined;
  const names = found.sort((a, b) => (a < b ? -1 : 1));
  const entries = await inParallel(names, 8, async (name): Promise<StoredEntry | undefined> => {
    const key = parseKey(`${collection}/${name}`);
    try {
      return await documents.head(key, index);
    } catch (error) {
      if (!CodeModeError.isInstance(error) || error.code !== 'storage_corrupt') throw error;
      return { key: key.key, version: 'corrupt', size: 0, problem: error.message };
    }
  });
  const present = entries.filter((entry) => entry !== undefined);
  if (index) documents.artifactIndex.compare(index, present, (name) => walk.recordOf(name) !== undefined);
  return present;
}

/** What is in the folders of a collection. Paths are for `lstat` alone: they do not say which file it will be. */
export class Walk {
  readonly collection: string;
  /** By name. */
  readonly files = new Map<string, string>();
  /** By path, each as it was before it was read. */
  readonly folders = new Map<string, Look>();
  readonly #records = new Map<string, string>();
  readonly #tree: Tree;
  readonly #documents: FileDocuments;
  readonly #prefix: string;

  constructor(tree: Tree, documents: FileDocuments, collection: string, prefix: string) {
    this.#tree = tree;
    this.#documents = documents;
    this.collection = collection;
    this.#prefix = prefix;
  }

  async run(): Promise<void> {
    await this.#visit([]);
    this.#readRecords();
  }

  /** The path of our record about a name. */
  recordOf(name: string): string | undefined {
    return this.#records.get(`${recordId(name)}.json`);
  }

  async #visit(folders: string[]): Promise<void> {
    using folder = this.#tree.folder([...collectionFolder(this.collection), ...folders]);
    if (folder === undefined) return;
    this.#look(folder);
    for (const item of readdirSync(folder.path(), { withFileTypes: true })) {
      if (item.isDirectory()) await this.#enter([...folders, item.name]);
      else if (item.name.startsWith(privatePrefix)) await this.#sweep(folder, item.name);
      else this.#add(nameOf(this.collection, folders, item.name), folder, item.name);
    }
  }

  #readRecords(): void {
    using folder = this.#tree.folder(recordFolder(this.collection));
    if (folder === undefined) return;
    this.#look(folder);
    for (const name of readdirSync(folder.path())) {
      if (name.startsWith(privatePrefix)) removeIfOld(folder, name);
      else this.#records.set(name, join(folder.realPath, name));
    }
  }

  async #enter(folders: string[]): Promise<void> {
    const path = `${folders.join('/')}/`;
    if (this.collection === 'workflows' || folders.length >= 16) return;
    if (path.startsWith(this.#prefix) || this.#prefix.startsWith(path)) await this.#visit(folders);
  }

  #look(folder: Folder): void {
    const look = Look.at(folder.realPath);
    if (look !== undefined) this.folders.set(folder.realPath, look);
  }

  #add(name: string | undefined, folder: Folder, file: string): void {
    if (name?.startsWith(this.#prefix)) this.files.set(name, join(folder.realPath, file));
  }

  /** A temporary file is a finished write, one in progress, or what is left of one. */
  async #sweep(folder: Folder, name: string): Promise<void> {
    const id = /^\.code-mode-([0-9a-f]{32})-[0-9a-f]+\.tmp$/.exec(name)?.[1];
    if (id === undefined) return;
    const record = await readSoundRecord(this.#tree, this.collection, id);
    if (record?.staged !== name) return removeIfOld(folder, name);
    const key: ParsedKey = parseKey(`${this.collection}/${record.name}`);
    await this.#documents.finish(key);
    this.#add(key.name, folder, placeOf(key).file);
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
