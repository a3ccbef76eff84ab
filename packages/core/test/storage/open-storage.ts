import { readFileSync } from 'node:fs';
import { Cluster, Redis } from 'ioredis';
import { FileStorage } from '../../src/storage/file.ts';
import { type RedisClient, RedisStorage, type RedisStorageOptions } from '../../src/storage/redis.ts';
import type { Storage } from '../../src/storage/storage.ts';

/** How a test, or a process of the conformance suite, opens a store. Ports are those of 127.0.0.1. */
export type OpenOptions = { workspaceId?: string } & (
  | { folder: string }
  | { url: string; prefix: string }
  | { url: string; ca: string }
  | { sentinelPort: number }
  | { clusterPort: number }
);

export function openStorage(options: OpenOptions): Storage {
  const scope = options.workspaceId === undefined ? {} : { workspaceId: options.workspaceId };
  if ('folder' in options) return new FileStorage(options.folder, scope);
  if ('prefix' in options) return new RedisStorage(options);
  const client = clientOf(options);
  // It looks for a new master until there is one, and would write of each try to the console.
  client.on('error', () => {});
  try {
    return new WithItsClient(client, scope);
  } catch (error) {
    client.disconnect();
    throw error;
  }
}

type ClientOptions = Extract<OpenOptions, { ca: string } | { sentinelPort: number } | { clusterPort: number }>;

function clientOf(options: ClientOptions): Redis | Cluster {
  const host = '127.0.0.1';
  if ('ca' in options) return new Redis(options.url, { tls: { ca: readFileSync(options.ca) } });
  if ('clusterPort' in options) return new Cluster([{ host, port: options.clusterPort }]);
  return new Redis({ sentinels: [{ host, port: options.sentinelPort }], name: 'store' });
}

/** Closes the client that it was given, too. */
class WithItsClient extends RedisStorage {
  readonly #client: RedisClient & { disconnect(): void };

  constructor(client: RedisClient & { disconnect(): void }, scope: Omit<RedisStorageOptions, 'client'>) {
    super({ ...scope, client });
    this.#client = client;
  }

  override async close(): Promise<void> {
    await super.close();
    this.#client.disconnect();
  }
}
