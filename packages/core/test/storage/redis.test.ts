import { Redis } from 'ioredis';
import { storageConformance } from '../../src/testing/storage-conformance.ts';
import { RedisServer } from './redis-server.ts';
import { redisStore } from './redis-store.ts';

storageConformance('RedisStorage', async () => {
  const server = await RedisServer.start();
  const client = new Redis(server.url);
  const dispose = async () => {
    client.disconnect();
    await server.dispose();
  };
  return redisStore({
    options: { url: server.url, prefix: 'conformance' },
    root: 'conformance',
    client,
    dispose,
  });
});
