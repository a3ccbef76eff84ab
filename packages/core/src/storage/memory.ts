import { checkCollection, checkLogName, checkWorkspaceId, parseKey, parsePrefix, type StorageKey } from './keys.ts';
import { writtenMetadata } from './py-layout.ts';
import type * as S from './storage.ts';
import {
  checkLimit,
  checkLine,
  clampRange,
  conflict,
  defaultMaxValueBytes,
  MeasuredValue,
  versionOf,
} from './values.ts';

/** Keeps everything in this process. The default, and gone with it. */
export class MemoryStorage implements S.Storage {
  readonly name = 'memory';
  readonly features: S.StorageFeatures = { durable: 'no', shared: false };
  readonly workspaceId: string | undefined;
  readonly #maxValueBytes: number;
  readonly #documents = new Map<StorageKey, S.StoredDocument>();
  /** By collection: how many changes there were, and the number of the last one of each document. */
  readonly #changes = new Map<string, { count: number; last: Map<StorageKey, number> }>();
  readonly #logs = new Map<string, { entries: S.LogEntry[]; next: number }>();

  constructor(options: S.StorageOptions = {}) {
    this.workspaceId = checkWorkspaceId(options.workspaceId);
    this.#maxValueBytes = options.maxValueBytes ?? defaultMaxValueBytes;
  }

  async get(key: StorageKey): Promise<S.StoredDocument | undefined> {
    const found = this.#documents.get(parseKey(key).key);
    return found && { ...copyEntry(found), value: Uint8Array.from(found.value) };
  }

  async head(key: StorageKey): Promise<S.StoredEntry | undefined> {
    const found = this.#documents.get(parseKey(key).key);
    return found && copyEntry(found);
  }

  async open(key: StorageKey, range?: S.ByteRange): Promise<S.StoredStream | undefined> {
    const found = this.#documents.get(parseKey(key).key);
    if (found === undefined) return undefined;
    const { start, end } = clampRange(range, found.size);
    return {
      ...copyEntry(found),
      body: chunksOf(found.value.subarray(start, end)),
      [Symbol.asyncDispose]: async () => {},
    };
  }

  async set(key: StorageKey, value: S.StorageValue, options: S.SetOptions = {}): Promise<string> {
    const parsed = parseKey(key);
    const measured = new MeasuredValue(value, { key: parsed.key, maxBytes: this.#maxValueBytes, chunkBytes: Infinity });
    const bytes = Uint8Array.from(await measured.toBuffer());
    const sha256 = measured.sha256();
    const metadata = writtenMetadata(parsed, options.metadata, { size: bytes.byteLength, sha256 });
    this.#check(parsed.key, options.ifVersion);
    const version = versionOf(sha256, metadata);
    this.#documents.set(parsed.key, {
      key: parsed.key,
      version,
      size: bytes.byteLength,
      value: bytes,
      ...(metadata && { metadata: frozen(structuredClone(metadata)) }),
    });
    const changes = this.#changesOf(parsed.collection);
    changes.last.set(parsed.key, ++changes.count);
    return version;
  }

  async delete(key: StorageKey, options: { ifVersion?: string } = {}): Promise<boolean> {
    const parsed = parseKey(key);
    this.#check(parsed.key, options.ifVersion);
    const changes = this.#changesOf(parsed.collection);
    if (changes.last.delete(parsed.key)) changes.count++;
    return this.#documents.delete(parsed.key);
  }

  async list(prefix: string): Promise<S.StoredEntry[]> {
    const { collection, namePrefix } = parsePrefix(prefix);
    const found = [...this.#documents.values()].filter((document) =>
      document.key.startsWith(`${collection}/${namePrefix}`),
    );
    return found.map(copyEntry).sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async changes(collection: string, since?: string): Promise<S.StorageChanges | undefined> {
    const { count, last } = this.#changesOf(checkCollection(collection));
    if (since === String(count)) return undefined;
    const keys = [...last.keys()].sort();
    const changed = keys.filter((key) => (last.get(key) ?? 0) > Number(since ?? 0));
    const entries = changed.map((key) => this.#documents.get(key)).filter((document) => document !== undefined);
    return { stamp: String(count), keys, changed: entries.map(copyEntry) };
  }

  async append(log: string, line: string): Promise<string> {
    checkLine(checkLogName(log), line);
    const kept = this.#logs.get(log) ?? { entries: [], next: 1 };
    this.#logs.set(log, kept);
    const id = String(kept.next++);
    kept.entries.push({ id, at: Date.now(), line });
    return id;
  }

  async readLog(log: string, options: S.ReadLogOptions = {}): Promise<S.LogPage> {
    const limit = checkLimit(options.limit);
    const all = this.#logs.get(checkLogName(log))?.entries ?? [];
    const ordered = options.newestFirst ? all.toReversed() : all;
    const after = options.after === undefined ? undefined : Number(options.after);
    const rest = ordered.filter(({ id }) => after === undefined || (options.newestFirst ? +id < after : +id > after));
    return { entries: rest.slice(0, limit).map((entry) => ({ ...entry })), more: rest.length > limit };
  }

  async trimLog(log: string, options: { keepLast?: number; before?: Date }): Promise<void> {
    const kept = this.#logs.get(checkLogName(log));
    if (kept === undefined) return;
    const before = options.before?.getTime() ?? -Infinity;
    const firstYoung = kept.entries.findIndex(({ at }) => at >= before);
    const byAge = firstYoung < 0 ? kept.entries.length : firstYoung;
    kept.entries.splice(0, Math.max(byAge, kept.entries.length - (options.keepLast ?? Infinity)));
  }

  async close(): Promise<void> {}
  async [Symbol.asyncDispose](): Promise<void> {}

  #changesOf(collection: string): { count: number; last: Map<StorageKey, number> } {
    const known = this.#changes.get(collection) ?? { count: 0, last: new Map() };
    this.#changes.set(collection, known);
    return known;
  }

  #check(key: StorageKey, expected: string | undefined): void {
    const actual = this.#documents.get(key)?.version ?? 'absent';
    if (expected !== undefined && expected !== actual) throw conflict(key, expected, actual);
  }
}

function copyEntry({ key, version, size, metadata }: S.StoredEntry): S.StoredEntry {
  return { key, version, size, ...(metadata && { metadata }) };
}

/** Nobody can change it, so that lists need not copy it. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}

async function* chunksOf(value: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < value.byteLength; at += 65536) yield Uint8Array.from(value.subarray(at, at + 65536));
}
