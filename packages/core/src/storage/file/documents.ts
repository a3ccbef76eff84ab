import { renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { invalidName, type ParsedKey, parseKey } from '../keys.ts';
import { writtenMetadata } from '../py-layout.ts';
import type * as S from '../storage.ts';
import { clampRange, collect, conflict, MeasuredValue, versionOf } from '../values.ts';
import { ArtifactIndex, type IndexUpdate } from './artifact-index.ts';
import { createTemp, fillTemp, kindOf, readChunks, syncFile } from './files.ts';
import { type Place, placeOf } from './layout.ts';
import { entryOf, type FoundFile, hasOtherSpelling, locate } from './locate.ts';
import type { FileLocks } from './locks.ts';
import * as records from './records.ts';
import { type Folder, ignore, type Tree } from './tree.ts';

/** Documents as files, each with a record of ours where it has metadata. */
export class FileDocuments {
  readonly #tree: Tree;
  readonly #locks: FileLocks;
  readonly #maxValueBytes: number;
  readonly artifactIndex: ArtifactIndex;

  constructor(tree: Tree, locks: FileLocks, maxValueBytes: number) {
    this.#tree = tree;
    this.#locks = locks;
    this.#maxValueBytes = maxValueBytes;
    this.artifactIndex = new ArtifactIndex(tree, locks, (name) => this.#forIndex(name));
  }

  async get(key: ParsedKey): Promise<S.StoredDocument | undefined> {
    using file = await locate(this.#tree, key);
    if (file === undefined) return undefined;
    const value = await collect(readChunks(file, 0, file.size));
    return { ...(await entryOf(this.#tree, key, file, { value })), value };
  }

  async head(key: ParsedKey, index?: Map<string, S.Metadata>): Promise<S.StoredEntry | undefined> {
    using file = await locate(this.#tree, key);
    return file && (await entryOf(this.#tree, key, file, { index }));
  }

  async open(key: ParsedKey, range?: S.ByteRange): Promise<S.StoredStream | undefined> {
    const file = await locate(this.#tree, key);
    if (file === undefined) return undefined;
    const close = async () => file[Symbol.dispose]();
    try {
      const entry = await entryOf(this.#tree, key, file);
      return { ...entry, body: readThenClose(file, clampRange(range, file.size)), [Symbol.asyncDispose]: close };
    } catch (error) {
      await close();
      throw error;
    }
  }

  async set(key: ParsedKey, value: S.StorageValue, options: S.SetOptions): Promise<string> {
    const place = placeOf(key);
    const measured = new MeasuredValue(value, { key: key.key, maxBytes: this.#maxValueBytes, chunkBytes: 1_048_576 });
    const started = createTemp(this.#tree, place.folder, records.recordId(key.name));
    using folder = started.folder;
    const temp = await fillTemp(folder, started.temp, measured.chunks(), false);
    try {
      const { size, mtimeNs, ino } = temp.stat;
      const content = { size: Number(size), sha256: measured.sha256() };
      const metadata = writtenMetadata(key, options.metadata, content);
      const version = versionOf(content.sha256, metadata);
      const file = { ...content, mtimeNs: `${mtimeNs}`, inode: `${ino}`, staged: temp.name };
      const record = { name: key.name, version, ...file, ...(metadata && { metadata }) };
      using staged = await this.#toDisk(key, folder, record);
      await this.#locks.hold(key.collection, async () => {
        if (options.ifVersion !== undefined) await this.#check(key, options.ifVersion);
        await this.#commit(key, folder, place, record, staged);
      });
      return version;
    } catch (error) {
      await this.#dropTemp(key, folder, temp.name);
      throw error;
    }
  }

  async delete(key: ParsedKey, ifVersion?: string): Promise<boolean> {
    const place = placeOf(key);
    return await this.#locks.hold(key.collection, async () => {
      if (ifVersion !== undefined) await this.#check(key, ifVersion);
      using folder = this.#tree.folder(place.folder);
      if (folder === undefined) return false;
      await this.#finishMove(key, folder, place);
      const kind = kindOf(folder, place.file);
      if (kind === 'folder' || (kind !== undefined && hasOtherSpelling(this.#tree, folder, place.file))) return false;
      if (kind !== undefined) {
        unlinkSync(folder.path(place.file));
        await folder.sync();
      }
      records.deleteRecord(this.#tree, key);
      if (key.collection === 'artifacts') this.artifactIndex.touch(key.name);
      this.#dropEmptyFolders(place);
      return kind !== undefined;
    });
  }

  /** For a file whose writer died after its record was written: does what that writer would have done next. */
  async finish(key: ParsedKey): Promise<void> {
    const place = placeOf(key);
    await this.#locks.hold(key.collection, async () => {
      using folder = this.#tree.folder(place.folder);
      if (folder !== undefined) await this.#finishMove(key, folder, place);
    });
  }

  /** Before the lock, all at once: the new file, its name, and the record if there will be one. */
  async #toDisk(key: ParsedKey, folder: Folder, record: records.FileRecord): Promise<records.StagedRecord | undefined> {
    const staging = record.metadata && records.StagedRecord.write(this.#tree, key.collection, record);
    const results = await Promise.allSettled([staging, syncFile(folder, record.staged), folder.sync()]);
    const failed = results.find((result) => result.status === 'rejected');
    const staged = await staging?.catch(() => undefined);
    if (failed === undefined) return staged;
    staged?.[Symbol.dispose]();
    throw failed.reason;
  }

  async #commit(
    key: ParsedKey,
    folder: Folder,
    place: Place,
    record: records.FileRecord,
    staged: records.StagedRecord | undefined,
  ): Promise<void> {
    const kind = kindOf(folder, place.file);
    if (kind === 'folder') throw invalidName(key.collection, key.name, 'it is a folder there');
    if (kind !== undefined && hasOtherSpelling(this.#tree, folder, place.file)) {
      throw invalidName(key.collection, key.name, 'a name that differs only in case is there');
    }
    if (staged === undefined && !records.hasRecord(this.#tree, key.collection, records.recordId(key.name))) {
      renameSync(folder.path(record.staged), folder.path(place.file));
      return await folder.sync();
    }
    using late = staged ? undefined : await records.StagedRecord.write(this.#tree, key.collection, record);
    // With the record the write has happened: whoever comes next finds the staged file through it.
    await (staged ?? late)?.commit();
    this.#moveIntoPlace(key, folder, place, record);
  }

  async #finishMove(key: ParsedKey, folder: Folder, place: Place): Promise<void> {
    const record = await records.readSoundRecord(this.#tree, key.collection, records.recordId(key.name));
    if (record && kindOf(folder, record.staged)) this.#moveIntoPlace(key, folder, place, record);
  }

  #moveIntoPlace(key: ParsedKey, folder: Folder, place: Place, { staged }: records.FileRecord): void {
    renameSync(folder.path(staged), folder.path(place.file));
    if (key.collection === 'artifacts') this.artifactIndex.touch(key.name);
  }

  /** A failed write leaves no file, unless its record was written, which makes the file the document. */
  async #dropTemp(key: ParsedKey, folder: Folder, temp: string): Promise<void> {
    const record = await records
      .readSoundRecord(this.#tree, key.collection, records.recordId(key.name))
      .catch(() => undefined);
    if (record?.staged !== temp) ignore(() => unlinkSync(folder.path(temp)), 'ENOENT');
  }

  async #check(key: ParsedKey, expected: string): Promise<void> {
    const actual = (await this.head(key))?.version ?? 'absent';
    if (actual !== expected) throw conflict(key.key, expected, actual);
  }

  async #forIndex(name: string): Promise<IndexUpdate> {
    using file = await locate(this.#tree, parseKey(`artifacts/${name}`));
    return file === undefined ? 'absent' : (file.record?.metadata ?? 'foreign');
  }

  #dropEmptyFolders({ folder, fixedDepth }: Place): void {
    for (let depth = folder.length; depth > fixedDepth; depth--) {
      using parent = this.#tree.folder(folder.slice(0, depth - 1));
      if (parent === undefined) return;
      const path = parent.path(folder[depth - 1]);
      ignore(() => rmdirSync(path), 'ENOTEMPTY', 'ENOENT', 'EEXIST');
    }
  }
}

async function* readThenClose(file: FoundFile, range: { start: number; end: number }): AsyncGenerator<Uint8Array> {
  try {
    yield* readChunks(file, range.start, range.end);
  } finally {
    file[Symbol.dispose]();
  }
}
