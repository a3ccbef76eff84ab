import { type EventEmitter, once } from 'node:events';
import { CodeModeError } from '../../errors.ts';
import type { Script } from './scripts.ts';

/** What we need of an ioredis `Redis` or `Cluster`. */
export interface RedisClient {
  callBuffer(command: string, ...args: (string | Buffer | number)[]): Promise<unknown>;
  readonly isCluster?: boolean;
  duplicate?(...options: never[]): unknown;
}

/** A connection for one purpose. When it breaks, it stays broken. */
export interface DedicatedClient extends RedisClient {
  /** The socket, once it is connected. */
  readonly stream?: { unref?(): void };
  disconnect(): void;
}

/** What we need of ioredis itself. */
export interface RedisLibrary {
  Redis: new (url: string, options: object) => OwnClient;
}

export interface RedisConnectionOptions {
  url?: string;
  client?: RedisClient;
  timeoutMs: number;
  load: () => Promise<RedisLibrary>;
}

/** Sends commands, each within a bounded time. A URL is connected to on first use. */
export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  #own: Promise<OwnClient> | undefined;
  #ready: Promise<unknown> | undefined;
  #closed = false;

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
  }

  async command(name: string, ...args: (string | Buffer | number)[]): Promise<unknown> {
    return await this.#bounded(name, async (client) => await client.callBuffer(name, ...args));
  }

  async run({ source, sha1 }: Script, keys: string[], args: (string | Buffer | number)[]): Promise<unknown> {
    const rest = [keys.length, ...keys, ...args];
    return await this.#bounded('EVALSHA', async (client) => {
      try {
        return await client.callBuffer('EVALSHA', sha1, ...rest);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return await client.callBuffer('EVAL', source, ...rest);
      }
    });
  }

  /** A further connection to the same server; `undefined` where there are several servers. Whoever asks for it ends it. */
  async dedicated(): Promise<DedicatedClient | undefined> {
    const { timeoutMs } = this.#options;
    const options = {
      enableOfflineQueue: true,
      retryStrategy: () => null,
      commandTimeout: timeoutMs,
      connectTimeout: timeoutMs,
    };
    const client = (await this.#bounded('CLIENT', async (client) => {
      return client.isCluster ? undefined : (client as Partial<OwnClient>).duplicate?.(options);
    })) as OwnClient | undefined;
    client?.on('error', () => {});
    return client;
  }

  /** Closes the connection if it is ours; a client that was passed in stays open. */
  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#own?.catch(() => undefined);
    client?.disconnect();
  }

  async #bounded(what: string, task: (client: RedisClient) => Promise<unknown>): Promise<unknown> {
    if (this.#closed) throw new CodeModeError('storage_unavailable', 'This RedisStorage was closed; open a new one.');
    const { timeoutMs } = this.#options;
    const aborter = new AbortController();
    const timer = setTimeout(() => aborter.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    const late = once(aborter.signal, 'abort').then(() => Promise.reject(aborter.signal.reason));
    let isSent = false;
    try {
      const client = await Promise.race([this.#connected(), late]);
      isSent = true;
      return await Promise.race([task(client), late]);
    } catch (error) {
      throw explain(what, error, isSent);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Nothing is sent before the connection stands, so a command that fails before that has done nothing, now or later. */
  async #connected(): Promise<RedisClient> {
    const { client, url = '' } = this.#options;
    if (client !== undefined) return client;
    this.#own ??= this.#create(url);
    const own = await this.#own;
    if (own.status !== 'ready') {
      // Rejects with the next error of the connection, too.
      this.#ready ??= once(own, 'ready').finally(() => {
        this.#ready = undefined;
      });
      await this.#ready;
    }
    return own;
  }

  async #create(url: string): Promise<OwnClient> {
    const { load, timeoutMs } = this.#options;
    const { Redis } = await loaded(load);
    const client = new Redis(url, {
      connectTimeout: timeoutMs,
      // A command fails with its connection. It is neither kept for later nor sent twice.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times: number) => Math.min(50 * times, 1000, timeoutMs / 2),
    });
    // Without a listener ioredis writes to the console. Every command reports its own failure.
    client.on('error', () => {});
    return client;
  }
}

async function loaded(load: () => Promise<RedisLibrary>): Promise<RedisLibrary> {
  try {
    return await load();
  } catch (cause) {
    const message =
      'RedisStorage needs the package ioredis; run `npm install ioredis`, or pass a connected client as `client`.';
    throw new CodeModeError('invalid_options', message, { cause });
  }
}

interface OwnClient extends DedicatedClient, EventEmitter {
  readonly status: string;
  duplicate(options: object): OwnClient;
}

function explain(what: string, error: unknown, isSent: boolean): unknown {
  if (CodeModeError.isInstance(error)) return error;
  const cause = error instanceof Error ? error.message : String(error);
  if (cause.includes('WRONGTYPE')) {
    return new CodeModeError(
      'storage_corrupt',
      'A key of this store in Redis has another type than it should; remove it or use another prefix.',
      {
        details: { command: what },
        cause: error,
      },
    );
  }
  // ioredis says the second when it had not noticed yet that the connection is gone.
  const isRefused =
    (error instanceof Error && error.name === 'ReplyError') || cause.startsWith("Stream isn't writeable");
  const outcome = isSent && !isRefused ? 'a change may or may not have been made' : 'nothing was changed';
  const message = `Redis could not be used (${cause}); ${outcome}. Check the server and try again.`;
  return new CodeModeError('storage_unavailable', message, { details: { command: what }, cause: error });
}
