import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { Session } from '../../src/session.ts';
import { FileStorage } from '../../src/storage/file.ts';
import { RedisStorage } from '../../src/storage/redis.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { RedisServer } from './redis-server.ts';

// Written by the stores of py-code-mode 0.10 itself; its workflows under the names that it gives them since.
const fixture = (name: string) => new URL(`./fixtures/py-code-mode-0.10${name}`, import.meta.url);

test('what its file stores wrote opens', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'code-mode-py-'));
  await cp(fixture(''), folder, { recursive: true });
  {
    await using storage = new FileStorage(folder);
    const all = Uint8Array.from({ length: 256 }, (_, at) => at);
    expect(await artifactsOf(storage)).toEqual([['blob.bin', 'All bytes', { n: 1 }, all], ...artifacts]);
    expect(await workflowsOf(storage)).toEqual([
      ...greet,
      { name: 'total', description: '', signature: 'workflows.total(*, rows: list) -> int' },
    ]);
  }
  await rm(folder, { recursive: true });
});

test('what its Redis stores wrote opens', async () => {
  await using server = await RedisServer.start();
  const client = new Redis(server.url);
  const commands = JSON.parse(await readFile(fixture('-redis.json'), 'utf8')) as [string, ...string[]][];
  for (const [command, ...args] of commands) await client.call(command, ...args);
  client.disconnect();
  await using storage = new RedisStorage({ url: server.url });
  expect(await artifactsOf(storage)).toEqual(artifacts);
  expect(await workflowsOf(storage)).toEqual([
    ...greet,
    { name: 'total', description: 'Adds up', signature: 'workflows.total(*, rows: list) -> int' },
  ]);
});

const artifacts = [
  ['notes.txt', 'Some notes', {}, 'grüße\n'],
  ['rows', '', {}, [1, 'zwei', { drei: 3.5 }]],
  ['scans/hosts.json', 'Hosts', { source: 'nmap' }, { up: [1, 2], ü: null }],
];
const greet = [
  {
    name: 'greet',
    description: 'Says hello.',
    signature: 'workflows.greet(*, name: str, loud: bool = False) -> str',
  },
];

async function artifactsOf(storage: Storage): Promise<unknown[]> {
  await using session = new Session({ storage, journal: false });
  expect(await session.deps.list()).toEqual(['six==1.16.0', 'tomli>=2']);
  const entries = await session.artifacts.list();
  const rows = entries.map(async ({ name, description, metadata }) => {
    return [name, description, metadata, await session.artifacts.load(name)];
  });
  return await Promise.all(rows);
}

async function workflowsOf(storage: Storage): Promise<unknown[]> {
  await using session = new Session({ storage, journal: false });
  const found = await session.workflows.list();
  return found.map(({ name, description, signature }) => ({ name, description, signature }));
}
