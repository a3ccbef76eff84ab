import { createHash } from 'node:crypto';
import { renameSync, unlinkSync } from 'node:fs';
import { CodeModeError } from '../../errors.ts';
import type { JsonValue } from '../../run-result.ts';
import { type ParsedKey, privatePrefix } from '../keys.ts';
import { isRecord } from '../py-layout.ts';
import type { Metadata } from '../storage.ts';
import { sha256 } from '../values.ts';
import { kindOf, type OpenFile, readChunks, readSmallFile, writeTemp } from './files.ts';
import { corrupt, type Folder, ignore, type Tree } from './tree.ts';

/**
 * What we know about a file that py-code-mode's layout has no place for. Writing the record is the moment at which a write
 * with metadata happens: it names the complete new file under its temporary name, which is then moved into place.
 * A record says which file it means. When the file is another one, someone else wrote it and the record says nothing.
 */
export interface FileRecord {
  name: string;
  version: string;
  size: number;
  sha256: string;
  mtimeNs: string;
  inode: string;
  /** The temporary name, in the same folder as the file. Usually gone by now. */
  staged: string;
  metadata?: Metadata;
}

export function recordId(name: string): string {
  return sha256(name).slice(0, 32);
}

export async function readRecord(tree: Tree, collection: string, id: string): Promise<FileRecord | undefined> {
  using folder = tree.folder(recordFolder(collection));
  const data = folder && (await readSmallFile(folder, `${id}.json`));
  if (folder === undefined || data === undefined) return undefined;
  const label = `${folder.label}/${id}.json`;
  const value = parse(label, data.toString('utf8'));
  if (isFileRecord(value)) return value;
  throw corrupt(label, 'is not a record');
}

/** A record that cannot be read counts as none. */
export async function readSoundRecord(tree: Tree, collection: string, id: string): Promise<FileRecord | undefined> {
  try {
    return await readRecord(tree, collection, id);
  } catch (error) {
    if (CodeModeError.isInstance(error) && error.code === 'storage_corrupt') return undefined;
    throw error;
  }
}

export function hasRecord(tree: Tree, collection: string, id: string): boolean {
  using folder = tree.folder(recordFolder(collection));
  return folder !== undefined && kindOf(folder, `${id}.json`) !== undefined;
}

/** A record that is on the disk already, so that `commit` takes little time under the lock. */
export class StagedRecord implements Disposable {
  readonly #folder: Folder;
  readonly #temp: string;
  readonly #name: string;
  #committed = false;

  static async write(tree: Tree, collection: string, record: FileRecord): Promise<StagedRecord> {
    const folder = tree.createFolder(recordFolder(collection));
    const id = recordId(record.name);
    try {
      const temp = await writeTemp(folder, id, JSON.stringify(record), true);
      return new StagedRecord(folder, temp.name, `${id}.json`);
    } catch (error) {
      folder[Symbol.dispose]();
      throw error;
    }
  }

  private constructor(folder: Folder, temp: string, name: string) {
    this.#folder = folder;
    this.#temp = temp;
    this.#name = name;
  }

  async commit(): Promise<void> {
    renameSync(this.#folder.path(this.#temp), this.#folder.path(this.#name));
    this.#committed = true;
    await this.#folder.sync();
  }

  [Symbol.dispose](): void {
    if (!this.#committed) ignore(() => unlinkSync(this.#folder.path(this.#temp)), 'ENOENT');
    this.#folder[Symbol.dispose]();
  }
}

export function deleteRecord(tree: Tree, key: ParsedKey): void {
  using folder = tree.folder(recordFolder(key.collection));
  if (folder !== undefined) ignore(() => unlinkSync(folder.path(`${recordId(key.name)}.json`)), 'ENOENT');
}

/** Whether the record is about this very file. A copied store has new inodes and times, but the same bytes. */
export async function describes(record: FileRecord, file: OpenFile): Promise<boolean> {
  if (isSameFile(record, file)) return true;
  if (file.stat.size !== BigInt(record.size)) return false;
  const hash = createHash('sha256');
  for await (const chunk of readChunks(file, 0, record.size)) hash.update(chunk);
  return hash.digest('hex') === record.sha256;
}

/** The inode counts: two files of one size can be written within one tick of the file system's clock. */
export function isSameFile(record: FileRecord, { stat }: OpenFile): boolean {
  return (
    stat.size === BigInt(record.size) && stat.mtimeNs === BigInt(record.mtimeNs) && stat.ino === BigInt(record.inode)
  );
}

export function recordFolder(collection: string): string[] {
  return [privatePrefix, 'records', collection];
}

function parse(label: string, text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw corrupt(label, 'is not valid JSON', cause);
  }
}

function isFileRecord(value: unknown): value is FileRecord {
  if (!isRecord(value)) return false;
  const texts = [value.name, value.version, value.sha256, value.mtimeNs, value.inode, value.staged];
  if (!texts.every((text) => typeof text === 'string')) return false;
  if (!/^\.code-mode-[0-9a-f]+-[0-9a-f]+\.tmp$/.test(String(value.staged))) return false;
  const digits = /^\d+$/.test(String(value.mtimeNs)) && /^\d+$/.test(String(value.inode));
  return digits && Number.isSafeInteger(value.size) && (value.metadata === undefined || isRecord(value.metadata));
}
