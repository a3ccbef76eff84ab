import { Redis } from 'ioredis';
import { RedisStorage } from '../../src/storage/redis.ts';
import { storageConformance } from '../../src/testing/storage-conformance.ts';
import { RedisServer } from './redis-server.ts';

storageConformance('RedisStorage', async () => {
  const server = await RedisServer.start();
  const options = { url: server.url, prefix: 'conformance' };
  return {
    open: (scope) => new RedisStorage({ ...options, ...scope }),
    program: { module: new URL('./open-storage.ts', import.meta.url).href, options },
    damage: async () => {
      const client = new Redis(server.url);
      await client.hset('conformance:workflows:__workflows__', 'broken', '{"name": "bro');
      client.disconnect();
      return 'conformance:workflows:__workflows__ broken';
    },
    dispose: async () => await server.dispose(),
  };
});
