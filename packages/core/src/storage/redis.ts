import { CodeModeError } from '../errors.ts';
import { ChangeLog } from './change-log.ts';
import { checkCollection, checkLogName, checkWorkspaceId, parseKey, parsePrefix, type StorageKey } from './keys.ts';
import type { RedisCollection } from './redis/collection.ts';
import { type RedisClient, RedisConnection, type RedisLibrary } from './redis/connection.ts';
import { RedisDeps } from './redis/deps.ts';
import { RedisDocuments } from './redis/documents.ts';
import { RedisKeys } from './redis/layout.ts';
import { redisLook } from './redis/redis-sight.ts';
import { RedisWatch } from './redis/watch.ts';
import { RedisWorkflows } from './redis/workflows.ts';
import type * as S from './storage.ts';
import { checkLimit, checkLine, defaultMaxValueBytes } from './values.ts';

export type { RedisClient, RedisLibrary } from './redis/connection.ts';

export interface RedisStorageOptions extends S.StorageOptions {
  /** `redis://…` or `rediss://…`. Either this or `client`. */
  url?: string;
  /** A connected ioredis `Redis` (also to Sentinel) or `Cluster`. It is not closed by `close()`. */
  client?: RedisClient;
  /** py-code-mode's prefix. On a cluster it becomes the hash tag, unless it has one. @defaultValue 'py_code_mode' */
  prefix?: string;
  /** How long a command may take before it fails with `storage_unavailable`. @defaultValue 5000 */
  timeoutMs?: number;
  /** How ioredis is loaded. @defaultValue `() => import('ioredis')` */
  load?: () => Promise<RedisLibrary>;
}

/**
 * Keeps everything in Redis, in py-code-mode's layout, with what is ours under `{prefix}:cm:`.
 * How safe an acknowledged write is, is up to the server: with `appendfsync everysec` a crash can lose a second,
 * and a failover loses what the replica had not got.
 */
export class RedisStorage implements S.Storage {
  readonly name = 'redis';
  readonly features: S.StorageFeatures = { durable: 'server', shared: true };
  readonly workspaceId: string | undefined;
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;
  readonly #watch: RedisWatch;
  readonly #maxValueBytes: number;
  readonly #collections = new Map<string, { documents: RedisCollection; changes: ChangeLog }>();

  constructor(options: RedisStorageOptions) {
    const { url, client, prefix = 'py_code_mode', timeoutMs = 5000, load = importIoredis } = options;
    if ((url === undefined) === (client === undefined)) {
      throw new CodeModeError('invalid_options', 'Give RedisStorage either a url or a client.');
    }
    if (url !== undefined && !/^rediss?:\/\//.test(url)) {
      throw new CodeModeError('invalid_options', 'The url of RedisStorage must start with redis:// or rediss://.');
    }
    this.workspaceId = checkWorkspaceId(options.workspaceId);
    this.#connection = new RedisConnection({
      timeoutMs,
      load,
      ...(url !== undefined && { url }),
      ...(client && { client }),
    });
    this.#keys = new RedisKeys(prefix, this.workspaceId, client?.isCluster ?? false);
    this.#watch = new RedisWatch(this.#connection);
    this.#maxValueBytes = options.maxValueBytes ?? defaultMaxValueBytes;
  }

  async get(key: StorageKey): Promise<S.StoredDocument | undefined> {
    const parsed = parseKey(key);
    return await this.#of(parsed.collection).documents.get(parsed);
  }

  async head(key: StorageKey): Promise<S.StoredEntry | undefined> {
    const parsed = parseKey(key);
    return await this.#of(parsed.collection).documents.head(parsed);
  }

  async open(key: StorageKey, range?: S.ByteRange): Promise<S.StoredStream | undefined> {
    const parsed = parseKey(key);
    return await this.#of(parsed.collection).documents.open(parsed, range);
  }

  async set(key: StorageKey, value: S.StorageValue, options: S.SetOptions = {}): Promise<string> {
    const parsed = parseKey(key);
    return await this.#of(parsed.collection).documents.set(parsed, value, options);
  }

  async delete(key: StorageKey, options: { ifVersion?: string } = {}): Promise<boolean> {
    const parsed = parseKey(key);
    return await this.#of(parsed.collection).documents.delete(parsed, options.ifVersion);
  }

  async list(prefix: string): Promise<S.StoredEntry[]> {
    const { collection, namePrefix } = parsePrefix(prefix);
    const { documents } = this.#of(collection);
    const scanned = [...(await documents.scan())].filter(([name]) => name.startsWith(namePrefix));
    return await documents.entries(new Map(scanned));
  }

  async changes(collection: string, since?: string): Promise<S.StorageChanges | undefined> {
    return await this.#of(checkCollection(collection)).changes.since(since);
  }

  async append(log: string, line: string): Promise<string> {
    checkLine(checkLogName(log), line);
    return String(await this.#connection.command('XADD', this.#keys.log(log), '*', 'line', line));
  }

  async readLog(log: string, { after, limit, newestFirst }: S.ReadLogOptions = {}): Promise<S.LogPage> {
    const key = this.#keys.log(checkLogName(log));
    const wanted = checkLimit(limit);
    const from = after === undefined ? undefined : `(${after}`;
    const range = newestFirst ? ['XREVRANGE', key, from ?? '+', '-'] : ['XRANGE', key, from ?? '-', '+'];
    const [command = '', ...args] = range;
    const items = (await this.#connection.command(command, ...args, 'COUNT', wanted + 1)) as [Buffer, Buffer[]][];
    const entries = items.slice(0, wanted).map(([id, fields]) => {
      return { id: String(id), at: Number.parseInt(String(id), 10), line: String(fields[1]) };
    });
    return { entries, more: items.length > wanted };
  }

  async trimLog(log: string, { keepLast, before }: { keepLast?: number; before?: Date }): Promise<void> {
    const key = this.#keys.log(checkLogName(log));
    if (keepLast !== undefined) await this.#connection.command('XTRIM', key, 'MAXLEN', keepLast);
    if (before !== undefined) await this.#connection.command('XTRIM', key, 'MINID', before.getTime());
  }

  async close(): Promise<void> {
    this.#watch.close();
    await this.#connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #of(collection: string): { documents: RedisCollection; changes: ChangeLog } {
    const known = this.#collections.get(collection);
    if (known !== undefined) return known;
    const documents = this.#create(collection);
    const made = { documents, changes: new ChangeLog(collection, redisLook(documents, this.#watch)) };
    this.#collections.set(collection, made);
    return made;
  }

  #create(collection: string): RedisCollection {
    if (collection === 'workflows') return new RedisWorkflows(this.#connection, this.#keys, this.#maxValueBytes);
    if (collection === 'deps') return new RedisDeps(this.#connection, this.#keys, this.#maxValueBytes);
    return new RedisDocuments(collection, this.#connection, this.#keys, this.#maxValueBytes);
  }
}

/** Here and not above, so that nobody else has to install it. */
async function importIoredis(): Promise<RedisLibrary> {
  return (await import('ioredis')) as unknown as RedisLibrary;
}
