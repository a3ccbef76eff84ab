import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { storageConformance, type TestStore } from '../../src/testing/storage-conformance.ts';
import { openStorage } from './open-storage.ts';
import { freePort, RedisServer } from './redis-server.ts';
import { redisStore } from './redis-store.ts';

const nodes = await startNodes();
const options = { clusterPort: nodes[0]?.port ?? 0 };
afterAll(async () => {
  for (const node of nodes) await node.dispose();
});

// Writers that are killed meet one make of server, in redis.test.ts.
storageConformance('RedisStorage on a cluster', create, { processes: false });

test('one store has one slot', async () => {
  await using storage = openStorage({ ...options, workspaceId: 'team' });
  await storage.set('artifacts/large.bin', Buffer.alloc(2_500_000, 'x'), { metadata: { description: 'large' } });
  await storage.set('workflows/w', Buffer.from('def run(): ...'), { ifVersion: 'absent' });
  await storage.set('deps/requirements.txt', Buffer.from('numpy\n'));
  await storage.append('journal', 'line');
  const holders: string[][] = [];
  for (const node of nodes) {
    const client = new Redis(node.url);
    const keys = await client.keys('*:ws:team:*');
    if (keys.length > 0) holders.push(keys.sort());
    client.disconnect();
  }
  expect(holders).toEqual([
    [
      '{py_code_mode}:ws:team:artifacts:__index__',
      '{py_code_mode}:ws:team:artifacts:large.bin',
      '{py_code_mode}:ws:team:cm:log:journal',
      '{py_code_mode}:ws:team:deps',
      '{py_code_mode}:ws:team:workflows:__workflows__',
    ],
  ]);
});

async function create(): Promise<TestStore> {
  const client = new Cluster([{ host: '127.0.0.1', port: options.clusterPort }]);
  return redisStore({ options, root: '{py_code_mode}', client, dispose: async () => client.disconnect() });
}

async function startNodes(): Promise<RedisServer[]> {
  const busPorts = [await freePort(), await freePort(), await freePort()];
  const started = await Promise.all(
    busPorts.map((busPort) =>
      RedisServer.start((port) => {
        const cluster = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'];
        // A slow machine is not a dead one.
        return ['--port', `${port}`, ...cluster, '--cluster-port', `${busPort}`, '--cluster-node-timeout', '60000'];
      }),
    ),
  );
  const addresses = started.map(({ port }) => `127.0.0.1:${port}`);
  execFileSync('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'], { stdio: 'ignore' });
  for (const { url } of started) await untilComplete(url);
  return started;
}

async function untilComplete(url: string): Promise<void> {
  const client = new Redis(url);
  while (!String(await client.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) await sleep(20);
  client.disconnect();
}
