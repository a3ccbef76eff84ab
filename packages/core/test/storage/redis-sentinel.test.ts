import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { storageConformance, type TestStore } from '../../src/testing/storage-conformance.ts';
import { openStorage } from './open-storage.ts';
import { RedisServer } from './redis-server.ts';
import { redisStore } from './redis-store.ts';
import { untilAnswered } from './until-answered.ts';

const folder = await mkdtemp(join(tmpdir(), 'code-mode-sentinel-'));
const master = await RedisServer.start();
const replica = await RedisServer.start((port) => ['--port', `${port}`, '--replicaof', '127.0.0.1', `${master.port}`]);
const sentinel = await startSentinel();
const options = { sentinelPort: sentinel.port };
afterAll(async () => {
  for (const server of [sentinel, replica, master]) await server.dispose();
  await rm(folder, { recursive: true });
});

// Writers that are killed meet one make of server, in redis.test.ts.
storageConformance('RedisStorage through Sentinel', create, { processes: false });

test('goes on after a failover with what the replica had', async () => {
  await using storage = openStorage(options);
  const admin = new Redis(master.url);
  const events = new Redis(sentinel.port);
  await events.subscribe('+switch-master');
  const version = await storage.set('artifacts/kept.txt', Buffer.from('kept'), { metadata: { description: 'kept' } });
  await storage.set('workflows/kept', Buffer.from('def run(): return 1'));
  const stamp = (await storage.changes('workflows'))?.stamp;
  expect(await admin.call('WAIT', '1', '60000')).toBe(1);
  admin.disconnect();
  const commands = new Redis(sentinel.port);
  await commands.call('SENTINEL', 'SET', 'store', 'down-after-milliseconds', '500');
  const switched = once(events, 'message');
  await master.stop();
  await switched;
  const found = await untilAnswered(() => storage.get('artifacts/kept.txt'));
  expect(found).toMatchObject({ version, metadata: { description: 'kept' } });
  await storage.set('artifacts/kept.txt', Buffer.from('after'), { ifVersion: version });
  await storage.set('workflows/after', Buffer.from('def run(): return 2'));
  expect((await storage.changes('workflows', stamp))?.keys).toContain('workflows/after');
  const promoted = new Redis(replica.url);
  expect(await promoted.get('py_code_mode:artifacts:kept.txt')).toBe('after');
  for (const client of [events, commands, promoted]) client.disconnect();
}, 120_000);

async function create(): Promise<TestStore> {
  const client = new Redis(master.url);
  return redisStore({ options, root: 'py_code_mode', client, dispose: async () => client.disconnect() });
}

async function startSentinel(): Promise<RedisServer> {
  const file = join(folder, 'sentinel.conf');
  // It must not take a slow machine for a dead one.
  const lines = [`monitor store 127.0.0.1 ${master.port} 1`, 'down-after-milliseconds store 60000'];
  await writeFile(file, lines.map((line) => `sentinel ${line}\n`).join(''));
  return await RedisServer.start((port) => [file, '--sentinel', '--port', `${port}`]);
}
