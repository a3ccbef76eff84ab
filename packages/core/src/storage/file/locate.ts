import { closeSync, readdirSync } from 'node:fs';
import type { ParsedKey } from '../keys.ts';
import { withDefaults } from '../py-layout.ts';
import type { Metadata, StoredEntry } from '../storage.ts';
import { collect, sha256, versionOf } from '../values.ts';
import { readArtifactIndex } from './artifact-index.ts';
import { type OpenFile, openFile, readChunks } from './files.ts';
import { placeOf } from './layout.ts';
import { describes, type FileRecord, isSameFile, readRecord, recordId } from './records.ts';
import type { Folder, Tree } from './tree.ts';

/** An open file that is the document now, with its record when that is about it. The snapshot a reader works on. */
export class FoundFile implements OpenFile, Disposable {
  readonly descriptor: number;
  readonly stat: OpenFile['stat'];
  readonly size: number;
  readonly record: FileRecord | undefined;
  #closed = false;

  constructor({ descriptor, stat }: OpenFile, record: FileRecord | undefined) {
    this.descriptor = descriptor;
    this.stat = stat;
    this.size = Number(stat.size);
    this.record = record;
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.descriptor);
  }
}

export async function locate(tree: Tree, key: ParsedKey): Promise<FoundFile | undefined> {
  const place = placeOf(key);
  using folder = tree.folder(place.folder);
  if (folder === undefined) return undefined;
  let seen: string | undefined;
  for (;;) {
    const record = await readRecord(tree, key.collection, recordId(key.name));
    const file = openFile(folder, place.file);
    if (record && file && isSameFile(record, file)) return new FoundFile(file, record);
    // Its writer has not moved it into place yet, or died before that.
    const staged = record && openFile(folder, record.staged);
    if (staged) {
      if (file) closeSync(file.descriptor);
      return new FoundFile(staged, record);
    }
    // A write may have come between these steps, so two looks have to agree.
    const look = `${record?.staged} ${file?.stat.ino} ${file?.stat.mtimeNs}`;
    if (look === seen) return file && (await settle(tree, folder, place.file, file, record));
    seen = look;
    if (file) closeSync(file.descriptor);
  }
}

export async function entryOf(
  tree: Tree,
  key: ParsedKey,
  file: FoundFile,
  known: { value?: Uint8Array; index?: Map<string, Metadata> | undefined } = {},
): Promise<StoredEntry> {
  const entry = { key: key.key, size: file.size };
  if (file.record) return { ...entry, version: file.record.version, ...withMetadata(file.record.metadata) };
  const index = key.collection === 'artifacts' ? (known.index ?? (await readArtifactIndex(tree))) : undefined;
  const metadata = withDefaults(key, index?.get(key.name), file.stat.mtime);
  return { ...entry, version: await foreignVersion(file, known.value), ...withMetadata(metadata) };
}

/** On a file system that folds case, `a.txt` also finds `A.txt`, which is another document. */
export function hasOtherSpelling(tree: Tree, folder: Folder, name: string): boolean {
  return tree.foldsCase() && !readdirSync(folder.path()).includes(name);
}

async function settle(tree: Tree, folder: Folder, name: string, file: OpenFile, record: FileRecord | undefined) {
  try {
    const own = record !== undefined && (await describes(record, file));
    if (own || !hasOtherSpelling(tree, folder, name)) return new FoundFile(file, own ? record : undefined);
  } catch (error) {
    closeSync(file.descriptor);
    throw error;
  }
  closeSync(file.descriptor);
  return undefined;
}

/** Someone else wrote it. Large ones are told apart by what the file system knows about them. */
async function foreignVersion(file: FoundFile, value: Uint8Array | undefined): Promise<string> {
  const { size, ino, mtimeNs, ctimeNs } = file.stat;
  if (size > hashedUpTo) return sha256(`${size} ${ino} ${mtimeNs} ${ctimeNs}`).slice(0, 32);
  return versionOf(sha256(value ?? (await collect(readChunks(file, 0, file.size)))), undefined);
}

function withMetadata(metadata: Metadata | undefined): { metadata?: Metadata } {
  return metadata === undefined ? {} : { metadata };
}

const hashedUpTo = 1_048_576;
