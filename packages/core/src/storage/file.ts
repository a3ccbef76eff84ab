import { CodeModeError } from '../errors.ts';
import { ChangeLog } from './change-log.ts';
import { FileDocuments } from './file/documents.ts';
import { FileSight } from './file/file-sight.ts';
import { listDocuments } from './file/list.ts';
import { FileLocks } from './file/locks.ts';
import { FileLog } from './file/log.ts';
import { errno, Tree } from './file/tree.ts';
import { checkCollection, checkLogName, checkWorkspaceId, invalidName, parseKey, type StorageKey } from './keys.ts';
import type * as S from './storage.ts';
import { checkLine, defaultMaxValueBytes } from './values.ts';

export interface FileStorageOptions extends S.StorageOptions {
  /** How long a write waits for another process that is writing to the same collection. @defaultValue 30000 */
  lockTimeoutMs?: number;
}

/** Keeps everything in a folder, in py-code-mode's layout, with what is ours in `.code-mode` beside it. */
export class FileStorage implements S.Storage {
  readonly name = 'file';
  readonly features: S.StorageFeatures = { durable: 'yes', shared: true };
  readonly workspaceId: string | undefined;
  readonly folder: string;
  readonly #tree: Tree;
  readonly #locks: FileLocks;
  readonly #documents: FileDocuments;
  readonly #changes = new Map<string, ChangeLog>();
  readonly #logs = new Map<string, FileLog>();

  /** The folder is created with the first write. */
  constructor(basePath: string, options: FileStorageOptions = {}) {
    this.workspaceId = checkWorkspaceId(options.workspaceId);
    this.folder = basePath;
    this.#tree = new Tree(basePath, this.workspaceId === undefined ? [] : ['workspaces', this.workspaceId]);
    this.#locks = new FileLocks(this.#tree, options.lockTimeoutMs ?? 30_000);
    this.#documents = new FileDocuments(this.#tree, this.#locks, options.maxValueBytes ?? defaultMaxValueBytes);
  }

  async get(key: StorageKey): Promise<S.StoredDocument | undefined> {
    return await this.#guard(key, () => this.#documents.get(parseKey(key)));
  }

  async head(key: StorageKey): Promise<S.StoredEntry | undefined> {
    return await this.#guard(key, () => this.#documents.head(parseKey(key)));
  }

  async open(key: StorageKey, range?: S.ByteRange): Promise<S.StoredStream | undefined> {
    return await this.#guard(key, () => this.#documents.open(parseKey(key), range));
  }

  async set(key: StorageKey, value: S.StorageValue, options: S.SetOptions = {}): Promise<string> {
    return await this.#guard(key, () => this.#documents.set(parseKey(key), value, options));
  }

  async delete(key: StorageKey, options: { ifVersion?: string } = {}): Promise<boolean> {
    return await this.#guard(key, () => this.#documents.delete(parseKey(key), options.ifVersion));
  }

  async list(prefix: string): Promise<S.StoredEntry[]> {
    return await this.#guard(prefix, () => listDocuments(this.#tree, this.#documents, prefix));
  }

  async changes(collection: string, since?: string): Promise<S.StorageChanges | undefined> {
    return await this.#guard(collection, () => this.#changesOf(collection).since(since));
  }

  async append(log: string, line: string): Promise<string> {
    return await this.#guard(log, () => this.#log(log).append(checkLine(log, line)));
  }

  async readLog(log: string, options: S.ReadLogOptions = {}): Promise<S.LogPage> {
    return await this.#guard(log, () => this.#log(log).read(options));
  }

  async trimLog(log: string, options: { keepLast?: number; before?: Date }): Promise<void> {
    await this.#guard(log, () => this.#log(log).trim(options));
  }

  async close(): Promise<void> {
    // A copy for py-code-mode that could not be written now is written after the next list.
    await this.#documents.artifactIndex.flush().catch(() => {});
    await this.#locks.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #changesOf(collection: string): ChangeLog {
    let sight: FileSight | undefined;
    const look = async () => {
      sight = await FileSight.of(this.#tree, this.#documents, collection, sight);
      return sight;
    };
    const changes = this.#changes.get(checkCollection(collection)) ?? new ChangeLog(collection, look);
    this.#changes.set(collection, changes);
    return changes;
  }

  #log(name: string): FileLog {
    const log = this.#logs.get(checkLogName(name)) ?? new FileLog(name, this.#tree, this.#locks);
    this.#logs.set(name, log);
    return log;
  }

  async #guard<T>(what: string, task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      throw this.#explain(what, error);
    }
  }

  /** Our own errors pass, and so does what a stream handed to `set` throws; a failure of the file system gets a name. */
  #explain(what: string, error: unknown): unknown {
    const code = errno(error);
    const syscall = (error as NodeJS.ErrnoException | undefined)?.syscall;
    const isOurs = syscall !== undefined || code?.startsWith('ERR_SQLITE');
    if (CodeModeError.isInstance(error) || !isOurs || code === undefined) return error;
    if (code === 'ENAMETOOLONG' || code === 'EILSEQ')
      return invalidName('this folder', what, `the file system refuses it (${code})`);
    const message = `The store in ${this.folder} could not be used for ${what} (${code}); ${advice[code] ?? 'look at the cause and try again'}.`;
    return new CodeModeError('storage_unavailable', message, { details: { errno: code, what }, cause: error });
  }
}

const advice: Record<string, string> = {
  ENOSPC: 'free some disk space',
  EDQUOT: 'free some of the quota',
  EROFS: 'the file system is read-only',
  EACCES: 'give this user the right to read and write there',
  EPERM: 'give this user the right to read and write there',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ENOTDIR: 'give the path of a folder',
};
