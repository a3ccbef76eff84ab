import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FileStorage } from '../../src/storage/file.ts';
import { RedisStorage } from '../../src/storage/redis.ts';
import { RedisServer } from './redis-server.ts';

const text = (document: { value: Uint8Array } | undefined) => document && Buffer.from(document.value).toString();
const python = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/;

describe('a folder that py-code-mode wrote', () => {
  let folder: string;
  let storage: FileStorage;
  const index = async () => JSON.parse(await readFile(join(folder, 'artifacts/.artifacts.json'), 'utf8'));
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'code-mode-py-'));
    await cp(new URL('./fixtures/py-code-mode', import.meta.url), folder, { recursive: true });
    storage = new FileStorage(folder);
  });
  afterAll(async () => {
    await storage.close();
    await rm(folder, { recursive: true });
  });

  test('opens: workflows, artifacts with their descriptions, what was put there by hand, deps', async () => {
    const workflows = await storage.list('workflows');
    expect(workflows.map(({ key }) => key)).toEqual(['workflows/broken_syntax', 'workflows/fetch_rows']);
    expect(text(await storage.get('workflows/fetch_rows'))).toBe(
      await readFile(join(folder, 'workflows/fetch_rows.py'), 'utf8'),
    );
    const artifacts = await storage.list('artifacts');
    expect(artifacts.map(({ key, size, metadata }) => [key, size, metadata])).toEqual([
      ['artifacts/by-hand.txt', 17, { description: '', created_at: expect.stringMatching(python), metadata: {} }],
      [
        'artifacts/greeting.txt',
        8,
        { description: '', created_at: '2026-01-06T00:00:00+00:00', metadata: { _data_type: 'text' } },
      ],
      [
        'artifacts/pixel.bin',
        10,
        { description: 'One pixel', created_at: '2026-01-07T00:00:00+00:00', metadata: { _data_type: 'bytes' } },
      ],
      [
        'artifacts/scans/nmap.json',
        24,
        {
          description: 'Open ports',
          created_at: '2026-01-05T10:20:30.123456+00:00',
          metadata: { host: 'db1', _data_type: 'json' },
        },
      ],
    ]);
    expect(text(await storage.get('artifacts/by-hand.txt'))).toBe('put here by hand\n');
    expect([...((await storage.get('artifacts/pixel.bin'))?.value ?? [])]).toEqual([
      0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0xff, 0xfe,
    ]);
    expect(await storage.get('artifacts/vanished.txt')).toBeUndefined();
    expect(text(await storage.get('deps/requirements.txt'))).toBe('# for the reports\nnumpy==2.1\npandas>=2.0\n');
  });

  test('keeps its workspaces', async () => {
    await using team = new FileStorage(folder, { workspaceId: 'team_a' });
    expect((await team.list('workflows')).map(({ key }) => key)).toEqual(['workflows/only_a']);
    expect(await team.get('artifacts/note.txt')).toMatchObject({ size: 2, metadata: { description: 'Note of a' } });
  });

  test('takes what we write where py-code-mode looks for it', async () => {
    const read = await storage.get('workflows/fetch_rows');
    await storage.set('workflows/fetch_rows', Buffer.from('async def run():\n    return 2\n'), {
      ifVersion: read?.version ?? '',
    });
    expect(await readFile(join(folder, 'workflows/fetch_rows.py'), 'utf8')).toBe('async def run():\n    return 2\n');
    const metadata = {
      description: 'Again',
      created_at: '2026-02-01T00:00:00+00:00',
      metadata: { _data_type: 'text' },
      runId: 'r1',
    };
    await storage.set('artifacts/greeting.txt', Buffer.from('Hallo'), { metadata });
    await storage.set('artifacts/new/deep.txt', Buffer.from('neu'));
    await storage.delete('artifacts/scans/nmap.json');
    await storage.close();
    expect(await readFile(join(folder, 'artifacts/greeting.txt'), 'utf8')).toBe('Hallo');
    expect(await index()).toEqual({
      'greeting.txt': {
        description: 'Again',
        created_at: '2026-02-01T00:00:00+00:00',
        metadata: { _data_type: 'text' },
      },
      'new/deep.txt': { description: '', created_at: expect.stringMatching(python), metadata: {} },
      'pixel.bin': {
        description: 'One pixel',
        created_at: '2026-01-07T00:00:00+00:00',
        metadata: { _data_type: 'bytes' },
      },
      'vanished.txt': expect.anything(),
    });
    expect((await readdir(join(folder, 'artifacts'))).sort()).toEqual([
      '.artifacts.json',
      'by-hand.txt',
      'greeting.txt',
      'new',
      'pixel.bin',
    ]);
    expect((await readdir(folder)).sort()).toEqual(['.code-mode', 'artifacts', 'deps', 'workflows', 'workspaces']);
    expect((await storage.get('artifacts/greeting.txt'))?.metadata).toEqual(metadata);
  });

  test('what py-code-mode or a person writes over ours counts, and our description of the old one does not', async () => {
    const ours = await storage.get('artifacts/greeting.txt');
    await writeFile(join(folder, 'artifacts/greeting.txt'), 'Servus');
    await writeFile(
      join(folder, 'artifacts/.artifacts.json'),
      JSON.stringify({
        'greeting.txt': { description: 'Theirs', created_at: '2026-03-01T00:00:00+00:00', metadata: {} },
      }),
    );
    const theirs = await storage.get('artifacts/greeting.txt');
    expect([text(theirs), theirs?.metadata]).toEqual([
      'Servus',
      { description: 'Theirs', created_at: '2026-03-01T00:00:00+00:00', metadata: {} },
    ]);
    await expect(
      storage.set('artifacts/greeting.txt', Buffer.from('x'), { ifVersion: ours?.version ?? '' }),
    ).rejects.toMatchObject({ code: 'storage_conflict' });
    await writeFile(join(folder, 'workflows/fetch_rows.py'), 'async def run():\n    return 3\n');
    expect(text(await storage.get('workflows/fetch_rows'))).toBe('async def run():\n    return 3\n');
  });

  test('entries of ours that py-code-mode lost from its index come back', async () => {
    await writeFile(join(folder, 'artifacts/.artifacts.json'), '{"half": ');
    await storage.list('artifacts');
    await storage.close();
    expect(Object.keys(await index())).toEqual(['new/deep.txt']);
    expect(
      (await readdir(join(folder, 'artifacts'))).filter((name) => name.startsWith('.code-mode-broken-index-')),
    ).toHaveLength(1);
  });

  test('a copied store, with other inodes and times, keeps everything', async () => {
    const copy = await mkdtemp(join(tmpdir(), 'code-mode-copy-'));
    await storage.set('artifacts/copied.txt', Buffer.from('x'), { metadata: { runId: 'r2' } });
    const kept = await storage.get('artifacts/copied.txt');
    await storage.close();
    await cp(folder, copy, { recursive: true });
    await using other = new FileStorage(copy);
    expect(await other.get('artifacts/copied.txt')).toEqual(kept);
    await rm(copy, { recursive: true });
  });
});

describe('a Redis that py-code-mode wrote to', () => {
  let server: RedisServer;
  let client: Redis;
  let storage: RedisStorage;
  beforeAll(async () => {
    server = await RedisServer.start();
    client = new Redis(server.url);
    const fixture = await readFile(new URL('./fixtures/py-code-mode-redis.json', import.meta.url), 'utf8');
    for (const [command, ...args] of JSON.parse(fixture) as [string, ...string[]][])
      await client.call(command, ...args);
    storage = new RedisStorage({ client });
  });
  afterAll(async () => {
    await storage.close();
    client.disconnect();
    await server.dispose();
  });

  test('opens', async () => {
    expect((await storage.list('workflows')).map(({ key, problem }) => [key, problem])).toEqual([
      ['workflows/fetch_rows', undefined],
      [
        'workflows/half',
        'py_code_mode:workflows:__workflows__ half in Redis is not valid JSON; remove it or restore it from a copy.',
      ],
    ]);
    const workflow = await storage.get('workflows/fetch_rows');
    expect(text(workflow)).toBe('async def run(table: str) -> list:\n    return tools.db.query(table=table)\n');
    expect(workflow?.metadata?.description).toBe('Fetch rows from a table.');
    expect(await storage.list('artifacts')).toMatchObject([
      {
        key: 'artifacts/scans/nmap.json',
        size: 19,
        metadata: { description: 'Open ports', metadata: { host: 'db1', _data_type: 'json' } },
      },
    ]);
    expect([await storage.get('artifacts/vanished.txt'), await storage.get('artifacts/not-indexed.txt')]).toEqual([
      undefined,
      undefined,
    ]);
    expect(text(await storage.get('deps/requirements.txt'))).toBe('numpy==2.1\npandas>=2.0\n');
    await using team = new RedisStorage({ client, workspaceId: 'team_a' });
    expect((await team.list('workflows')).map(({ key }) => key)).toEqual(['workflows/only_a']);
  });

  test('takes what we write where py-code-mode looks for it', async () => {
    const read = await storage.get('workflows/fetch_rows');
    const metadata = { description: 'Two', parameters: [], savedBy: 'me' };
    await storage.set('workflows/fetch_rows', Buffer.from('async def run(): ...\n'), {
      ifVersion: read?.version ?? '',
      metadata,
    });
    const field = JSON.parse((await client.hget('py_code_mode:workflows:__workflows__', 'fetch_rows')) ?? '');
    expect(field).toEqual({
      name: 'fetch_rows',
      description: 'Two',
      source: 'async def run(): ...\n',
      parameters: [],
      code_mode: { savedBy: 'me' },
    });
    await storage.set('artifacts/a/b.bin', Buffer.from([0, 255, 13, 10]), {
      metadata: { description: 'Bytes', metadata: { _data_type: 'bytes' }, runId: 'r1' },
    });
    expect(await client.getBuffer('py_code_mode:artifacts:a/b.bin')).toEqual(Buffer.from([0, 255, 13, 10]));
    expect(JSON.parse((await client.hget('py_code_mode:artifacts:__index__', 'a/b.bin')) ?? '')).toEqual({
      description: 'Bytes',
      created_at: expect.stringMatching(python),
      metadata: { _data_type: 'bytes' },
      code_mode: {
        size: 4,
        sha256: createHash('sha256')
          .update(Buffer.from([0, 255, 13, 10]))
          .digest('hex'),
        further: { runId: 'r1' },
      },
    });
    await storage.set('deps/requirements.txt', Buffer.from('# comment\nrequests\n\nnumpy==2.1\n'));
    expect((await client.smembers('py_code_mode:deps')).sort()).toEqual(['numpy==2.1', 'requests']);
    await storage.set('private/x', Buffer.from('1'));
    expect((await client.keys('*')).filter((key) => key.includes(':cm:')).sort()).toEqual([
      'py_code_mode:cm:doc:private',
      'py_code_mode:cm:doc:private:x',
    ]);
  });
});
