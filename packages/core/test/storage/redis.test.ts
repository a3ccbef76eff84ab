import { Redis } from 'ioredis';
import { RedisStorage } from '../../src/storage/redis.ts';
import { storageConformance } from '../../src/testing/storage-conformance.ts';
import { RedisServer } from './redis-server.ts';

storageConformance('RedisStorage', async () => {
  const server = await RedisServer.start();
  const options = { url: server.url, prefix: 'conformance' };
  const field = async (name: string, value: string) => {
    const client = new Redis(server.url);
    await client.hset('conformance:workflows:__workflows__', name, value);
    client.disconnect();
  };
  return {
    open: (scope) => new RedisStorage({ ...options, ...scope }),
    program: { module: new URL('./open-storage.ts', import.meta.url).href, options },
    damage: async () => {
      await field('broken', '{"name": "bro');
      return 'conformance:workflows:__workflows__ broken';
    },
    overwrite: async (_, source) =>
      await field('foreign', JSON.stringify({ name: 'foreign', description: '', source, parameters: [] })),
    dispose: async () => await server.dispose(),
  };
});
