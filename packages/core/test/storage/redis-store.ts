import type { Cluster, Redis } from 'ioredis';
import type { TestStore } from '../../src/testing/storage-conformance.ts';
import { type OpenOptions, openStorage } from './open-storage.ts';

interface RedisStoreOptions {
  options: OpenOptions;
  /** The start of its keys. */
  root: string;
  /** For what py-code-mode would write. */
  client: Redis | Cluster;
  dispose(): Promise<void>;
}

/** What the conformance suite takes, for a Redis of any make. */
export function redisStore({ options, root, client, dispose }: RedisStoreOptions): TestStore {
  const workflows = `${root}:workflows:__workflows__`;
  return {
    open: (scope) => openStorage({ ...options, ...scope }),
    program: { module: new URL('./open-storage.ts', import.meta.url).href, options },
    damage: async () => {
      await client.hset(workflows, 'broken', '{"name": "bro');
      return `${workflows} broken`;
    },
    overwrite: async (_, source) => {
      const workflow = { name: 'foreign', description: '', source, parameters: [] };
      await client.hset(workflows, 'foreign', JSON.stringify(workflow));
    },
    dispose,
  };
}
