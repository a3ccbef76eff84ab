import { CodeModeError } from '../errors.ts';
import { checkLogName, checkWorkspaceId, type ParsedKey, parseKey, parsePrefix, type StorageKey } from './keys.ts';
import { type RedisClient, RedisConnection, type RedisLibrary } from './redis/connection.ts';
import { RedisDocuments } from './redis/documents.ts';
import { RedisKeys } from './redis/layout.ts';
import { RedisPyDocuments } from './redis/py-documents.ts';
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
  readonly #documents: RedisDocuments;
  readonly #pyDocuments: RedisPyDocuments;

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
    const maxValueBytes = options.maxValueBytes ?? defaultMaxValueBytes;
    this.#documents = new RedisDocuments(this.#connection, this.#keys, maxValueBytes);
    this.#pyDocuments = new RedisPyDocuments(this.#connection, this.#keys, maxValueBytes);
  }

  async get(key: StorageKey): Promise<S.StoredDocument | undefined> {
    const parsed = parseKey(key);
    return await this.#for(parsed).get(parsed);
  }

  async head(key: StorageKey): Promise<S.StoredEntry | undefined> {
    const parsed = parseKey(key);
    if (!isPyForm(parsed.collection)) return await this.#documents.head(parsed);
    const document = await this.#pyDocuments.get(parsed);
    if (document === undefined) return undefined;
    const { value: _, ...entry } = document;
    return entry;
  }

  async open(key: StorageKey, range?: S.ByteRange): Promise<S.StoredStream | undefined> {
    const parsed = parseKey(key);
    return await this.#for(parsed).open(parsed, range);
  }

  async set(key: StorageKey, value: S.StorageValue, options: S.SetOptions = {}): Promise<string> {
    const parsed = parseKey(key);
    return await this.#for(parsed).set(parsed, value, options);
  }

  async delete(key: StorageKey, options: { ifVersion?: string } = {}): Promise<boolean> {
    const parsed = parseKey(key);
    return await this.#for(parsed).delete(parsed, options.ifVersion);
  }

  async list(prefix: string): Promise<S.StoredEntry[]> {
    const { collection, namePrefix } = parsePrefix(prefix);
    return await (isPyForm(collection) ? this.#pyDocuments : this.#documents).list(collection, namePrefix);
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
    await this.#connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #for({ collection }: ParsedKey): RedisDocuments | RedisPyDocuments {
    return isPyForm(collection) ? this.#pyDocuments : this.#documents;
  }
}

/** Here and not above, so that nobody else has to install it. */
async function importIoredis(): Promise<RedisLibrary> {
  return (await import('ioredis')) as unknown as RedisLibrary;
}

function isPyForm(collection: string): boolean {
  return collection === 'workflows' || collection === 'deps';
}
