import type { JsonValue } from '../run-result.ts';
import type { StorageKey } from './keys.ts';

/**
 * Where workflows, artifacts, deps and journals live. Three drivers: memory, file, redis.
 *
 * 1. A document is bytes with a version and, if wanted, metadata. All three change together or not at all.
 * 2. A version is opaque. Two equal versions of one key mean equal bytes and metadata.
 * 3. `set` and `delete` with `ifVersion` compare and write in one step, against every other process.
 * 4. When `set` or `append` resolves, the write is as safe as `features.durable` says. When it rejects with
 *    `storage_unavailable` it may or may not have happened, but never half of it.
 * 5. A reader sees one document as one write left it, never a mixture.
 * 6. The collections `workflows`, `artifacts` and `deps` are laid out as py-code-mode lays them out (`py-layout.ts`).
 *    Any other collection is ours.
 */
export interface Storage extends AsyncDisposable {
  readonly name: string;
  /** Everything is scoped by it: two workspaces never see each other, and none sees the store without one. */
  readonly workspaceId: string | undefined;
  readonly features: StorageFeatures;

  /** The whole document. */
  get(key: StorageKey): Promise<StoredDocument | undefined>;
  /** What is known about it, without its bytes. */
  head(key: StorageKey): Promise<StoredEntry | undefined>;
  /** Its bytes as a stream in small chunks; close it when you stop early. `end` is exclusive. */
  open(key: StorageKey, range?: ByteRange): Promise<StoredStream | undefined>;
  /** Returns the new version. A stream is stored as it comes, and becomes visible when it has ended. */
  set(key: StorageKey, value: StorageValue, options?: SetOptions): Promise<string>;
  /** Says whether something was there. */
  delete(key: StorageKey, options?: { ifVersion?: string }): Promise<boolean>;
  /** All entries whose key starts with `prefix` (`'workflows'`, `'artifacts/reports/'`), by name. */
  list(prefix: string): Promise<StoredEntry[]>;
  /**
   * What is new in a collection since an earlier answer of this handle; `undefined` when nothing is, which costs little
   * however much there is. Sees what anybody wrote, also another program.
   * @param since the `stamp` of that answer; without it everything is new
   */
  changes(collection: string, since?: string): Promise<StorageChanges | undefined>;

  /** Adds one line to a log and returns its id. Ids order the lines; a line holds no line break. */
  append(log: string, line: string): Promise<string>;
  readLog(log: string, options?: ReadLogOptions): Promise<LogPage>;
  /** Drops the oldest lines: all but the last `keepLast`, and those from before `before`. */
  trimLog(log: string, options: { keepLast?: number; before?: Date }): Promise<void>;

  close(): Promise<void>;
}

export interface StorageFeatures {
  /**
   * What an acknowledged write survives: `'no'`, nothing; `'yes'`, a crash of this process and a power cut;
   * `'server'`, a crash of this process, and for the rest what the server's own persistence and replication promise.
   */
  durable: 'no' | 'yes' | 'server';
  /** Whether other processes that open the same store see the same documents. */
  shared: boolean;
}

export type StorageValue = Uint8Array | AsyncIterable<Uint8Array>;
export type Metadata = { [key: string]: JsonValue };

export interface SetOptions {
  /** The version that must be there, or `'absent'`. @defaultValue none: the write always wins */
  ifVersion?: string;
  /** A function is asked when the value has been read to its end, so that it can tell size and hash of a stream. */
  metadata?: Metadata | ((content: StoredContent) => Metadata);
}

/** What is known of a value once all of it was there. */
export interface StoredContent {
  /** In bytes. */
  size: number;
  /** In hexadecimal. */
  sha256: string;
}

export interface StoredEntry {
  key: StorageKey;
  version: string;
  /** In bytes. */
  size: number;
  metadata?: Metadata;
  /** Why loading it throws `storage_corrupt`. Only in lists. */
  problem?: string;
}

export interface StorageChanges {
  /** What to ask with the next time. */
  stamp: string;
  /** All that are there now, sorted. */
  keys: StorageKey[];
  /** Those of them that came or changed. One may be here that did not, never the other way round. */
  changed: StoredEntry[];
}

export interface StoredDocument extends StoredEntry {
  value: Uint8Array;
}

export interface StoredStream extends StoredEntry, AsyncDisposable {
  /** Can be read once. A document replaced meanwhile gives the old bytes or `storage_conflict`, never a mixture. */
  body: AsyncIterable<Uint8Array>;
}

export interface ByteRange {
  start?: number;
  end?: number;
}

export interface LogEntry {
  id: string;
  /** When it was appended, in ms since 1970. */
  at: number;
  line: string;
}

export interface ReadLogOptions {
  /** Continue behind this id. */
  after?: string;
  /** @defaultValue 1000 */
  limit?: number;
  /** Start with the newest line. @defaultValue false */
  newestFirst?: boolean;
}

export interface LogPage {
  entries: LogEntry[];
  /** Whether a further page, `after` the last id, may hold more. */
  more: boolean;
}

/** What every driver takes. */
export interface StorageOptions {
  /** Letters, digits, `_` and `-`, up to 128. */
  workspaceId?: string;
  /** A larger value is refused. @defaultValue 512 MiB, which is what Redis can hold */
  maxValueBytes?: number;
}
