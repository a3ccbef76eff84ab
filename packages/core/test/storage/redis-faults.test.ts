import { execFileSync } from 'node:child_process';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RedisStorage } from '../../src/storage/redis.ts';
import { RedisServer } from './redis-server.ts';
import { untilAnswered } from './until-answered.ts';

let server: RedisServer;
let storage: RedisStorage;

beforeEach(async () => {
  server = await RedisServer.start();
  storage = new RedisStorage({ url: server.url, timeoutMs: 30_000 });
});
afterEach(async () => {
  await storage.close();
  await server.dispose();
});

test('a Redis that goes away is said so in time, and works again when it is back', async () => {
  await adminCommand('CONFIG', 'SET', 'appendfsync', 'always');
  const version = await storage.set('artifacts/x.txt', Buffer.from('before'), { metadata: { description: 'before' } });
  await storage.append('journal', 'before');
  await server.stop();
  for (const task of [
    () => storage.get('artifacts/x.txt'),
    () => storage.set('artifacts/x.txt', Buffer.from('lost')),
    () => storage.list('workflows'),
    () => storage.append('journal', 'lost'),
  ]) {
    await expect(task()).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringMatching(
        /^Redis could not be used \(.+\); nothing was changed\. Check the server and try again\.$/,
      ),
    });
  }
  await server.start();
  expect(await untilAnswered(() => storage.get('artifacts/x.txt'))).toMatchObject({
    version,
    metadata: { description: 'before' },
  });
  await storage.set('artifacts/x.txt', Buffer.from('after'), { ifVersion: version });
  await storage.append('journal', 'after');
  expect((await storage.readLog('journal')).entries.map(({ line }) => line)).toEqual(['before', 'after']);
});

test('a Redis that hangs is given up in time', async () => {
  await using impatient = new RedisStorage({ url: server.url, timeoutMs: 500 });
  await storage.set('private/x', Buffer.from('1'));
  // Connected before it hangs.
  await untilAnswered(() => impatient.get('private/x'));
  server.freeze();
  await expect(impatient.get('private/x')).rejects.toMatchObject({
    code: 'storage_unavailable',
    message: expect.stringContaining('(no answer within 500 ms)'),
  });
  server.thaw();
  expect(await storage.get('private/x')).toMatchObject({ size: 1 });
});

test('a Redis that was never there is said so', async () => {
  await using nowhere = new RedisStorage({ url: 'redis://127.0.0.1:1' });
  await expect(nowhere.get('private/x')).rejects.toMatchObject({ code: 'storage_unavailable' });
});

test('a Redis killed in the middle of writes has whole documents, and every acknowledged one', async () => {
  await adminCommand('CONFIG', 'SET', 'appendfsync', 'always');
  const acknowledged = new Map<string, number>();
  const enough = Promise.withResolvers<void>();
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let number = 1; ; number++) {
      const value = Buffer.alloc(1 + ((number * 7919) % 1_500_000), `${number};`);
      await storage.set(`artifacts/w${writer}`, value, { metadata: { description: `${number}` } });
      acknowledged.set(`artifacts/w${writer}`, number);
      if (number === 10) enough.resolve();
    }
  });
  const ended = Promise.allSettled(writers);
  await enough.promise;
  await server.stop();
  await ended;
  await server.start();
  for (const [key, number] of acknowledged) {
    const found = await untilAnswered(() => storage.get(key as 'a/b'));
    const written = Number(found?.metadata?.description);
    expect(written).toBeGreaterThanOrEqual(number);
    expect(
      Buffer.from(found?.value ?? []).equals(Buffer.alloc(1 + ((written * 7919) % 1_500_000), `${written};`)),
    ).toBe(true);
  }
});

test('a Redis without memory refuses, and keeps what it has', async () => {
  await storage.set('private/x', Buffer.from('kept'));
  await adminCommand('CONFIG', 'SET', 'maxmemory', '1');
  for (const value of [Buffer.from('more'), Buffer.alloc(3_000_000)]) {
    await expect(storage.set('private/x', value)).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringContaining('maxmemory'),
    });
  }
  expect(await storage.get('private/x')).toMatchObject({ size: 4 });
});

test('scripts that Redis has forgotten are sent again, and failed uploads leave no key', async () => {
  await storage.set('private/x', Buffer.from('1'));
  await adminCommand('SCRIPT', 'FLUSH');
  expect(await storage.get('private/x')).toMatchObject({ size: 1 });
  async function* failing() {
    for (let at = 0; at < 5; at++) yield Buffer.alloc(900_000);
    throw new Error('stop');
  }
  await expect(storage.set('private/y', failing())).rejects.toThrow('stop');
  await expect(storage.set('private/x', Buffer.alloc(3_000_000), { ifVersion: 'absent' })).rejects.toMatchObject({
    code: 'storage_conflict',
  });
  await storage.set('private/z', Buffer.alloc(3_000_000));
  expect(await adminCommand('KEYS', '*')).toHaveLength(3);
  expect(await adminCommand('TTL', 'py_code_mode:cm:doc:private:z')).toBe(-1);
});

test('a key of another type is told', async () => {
  await adminCommand('SET', 'py_code_mode:workflows:__workflows__', 'text');
  await expect(storage.list('workflows')).rejects.toMatchObject({ code: 'storage_corrupt' });
});

test('a client that is passed in is used and stays open', async () => {
  const client = new Redis(server.url);
  const passed = new RedisStorage({ client, prefix: 'mine' });
  await passed.set('deps/requirements.txt', Buffer.from('numpy\n'));
  await passed.close();
  expect(await client.smembers('mine:deps')).toEqual(['numpy']);
  await expect(passed.get('private/x')).rejects.toMatchObject({
    message: 'This RedisStorage was closed; open a new one.',
  });
  client.disconnect();
});

test('an unchanged collection is not read again, and a lost connection hides no change', async () => {
  const client = new Redis(server.url);
  for (const driver of [storage, new RedisStorage({ client })]) {
    await driver.set('workflows/w', Buffer.from('def run(): return 1'));
    const stamp = (await driver.changes('workflows'))?.stamp ?? '';
    await adminCommand('CONFIG', 'RESETSTAT');
    for (let time = 0; time < 3; time++) expect(await driver.changes('workflows', stamp)).toBeUndefined();
    const statistics = String(await adminCommand('INFO', 'commandstats'));
    expect([statistics.includes('cmdstat_client|info:calls=3,'), statistics.includes('cmdstat_hscan')]).toEqual([
      true,
      false,
    ]);
    await adminCommand('CLIENT', 'KILL', 'TYPE', 'normal');
    await adminCommand('HSET', 'py_code_mode:workflows:__workflows__', 'other', '{"source": "def run(): ..."}');
    // The command that finds its connection gone may fail; nothing older may be told.
    const news = await driver.changes('workflows', stamp).catch(() => driver.changes('workflows', stamp));
    expect(news).toMatchObject({ changed: [{ key: 'workflows/other' }] });
    await driver.close();
    await adminCommand('FLUSHALL');
  }
  client.disconnect();
});

test('a host that closes its client and not the storage ends', () => {
  const [ioredis, driver] = [
    import.meta.resolve('ioredis'),
    new URL('../../src/storage/redis.ts', import.meta.url).href,
  ];
  const code = `import { Redis } from '${ioredis}';
import { RedisStorage } from '${driver}';
const client = new Redis('${server.url}');
const storage = new RedisStorage({ client });
console.log((await storage.changes('workflows')).keys.length);
client.disconnect();`;
  const flags = ['--input-type=module-typescript', '--experimental-strip-types', '--no-warnings'];
  expect(execFileSync(process.execPath, [...flags, '-e', code], { encoding: 'utf8', timeout: 50_000 })).toBe('0\n');
});

test('a missing library and wrong options are said in one sentence', async () => {
  const missing = new RedisStorage({
    url: server.url,
    load: () => Promise.reject(new Error("Cannot find package 'ioredis'")),
  });
  await expect(missing.get('private/x')).rejects.toMatchObject({
    code: 'invalid_options',
    message:
      'RedisStorage needs the package ioredis; run `npm install ioredis`, or pass a connected client as `client`.',
  });
  expect(() => new RedisStorage({})).toThrow('Give RedisStorage either a url or a client.');
  expect(() => new RedisStorage({ url: 'localhost:6379' })).toThrow(
    'The url of RedisStorage must start with redis:// or rediss://.',
  );
});

async function adminCommand(...command: [string, ...string[]]): Promise<unknown> {
  const client = new Redis(server.url);
  try {
    return await client.call(...command);
  } finally {
    client.disconnect();
  }
}
