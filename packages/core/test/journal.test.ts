import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redact, SECRET_KEYS } from '../src/redact.ts';
import { Session } from '../src/session.ts';
import { FileStorage } from '../src/storage/file.ts';
import { MemoryStorage } from '../src/storage/memory.ts';
import { defineTool } from '../src/tool-sources/function.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'code-mode-journal-'));
});
afterAll(() => rm(folder, { recursive: true }));

const login = defineTool({
  name: 'login',
  description: 'Logs in.',
  input: { type: 'object', properties: { user: { type: 'string' }, password: { type: 'string' }, headers: {} } },
  needsApproval: () => true,
  execute: () => 'ok',
});
const fail = defineTool({
  name: 'fail',
  description: 'Fails.',
  input: { type: 'object', properties: {} },
  execute: () => Promise.reject(new Error('no such host')),
});

describe.each([
  ['memory', () => new MemoryStorage()],
  ['files', () => new FileStorage(join(folder, 'store'))],
])('the journal in %s', (_name, open) => {
  it('has every run, call, decision and save, with who, when and the outcome, without secrets', async () => {
    const storage = open();
    const session = new Session({
      storage,
      user: 'ada',
      tools: [login, fail],
      onApproval: (requests) => requests.map(({ requestId }) => ({ requestId, approved: true, message: 'fine' })),
    });
    const code = `tools.login(user="bob", password="hunter2", headers=[{"name": "Authorization", "value": "Bearer abcdefgh123"}])
artifacts.save("x", bytes(3_000_000))
try: tools.fail()
except ToolError: pass
1 / 0`;
    const started = Date.now();
    const { runId } = await session.run(code);
    await session.artifacts.delete('x');
    const { entries } = (await session.journal?.read()) ?? { entries: [] };
    const same = {
      who: 'ada',
      sessionId: session.id,
      at: expect.any(Number),
      id: expect.any(String),
      number: expect.any(Number),
    };
    const durationMs = expect.any(Number);
    expect(entries).toEqual([
      {
        ...same,
        kind: 'run-start',
        runId,
        codeSha256: createHash('sha256').update(code).digest('hex'),
        codeBytes: code.length,
      },
      {
        ...same,
        kind: 'decision',
        runId,
        requestId: `${runId}-a1`,
        about: 'call',
        name: 'login',
        callId: 1,
        codeSha256: createHash('sha256').update(code).digest('hex'),
        approved: true,
        message: 'fine',
        decidedAt: expect.any(Number),
      },
      {
        ...same,
        kind: 'call',
        runId,
        callId: 1,
        name: 'tools.login',
        arguments: { user: 'bob', password: '[redacted]', headers: [{ name: 'Authorization', value: '[redacted]' }] },
        status: 'completed',
        durationMs,
      },
      {
        ...same,
        kind: 'artifact-save',
        runId,
        artifact: expect.objectContaining({ name: 'x', size: 3_000_000, runId }),
      },
      {
        ...same,
        kind: 'call',
        runId,
        callId: expect.any(Number),
        name: 'artifacts.save',
        arguments: { name: 'x', description: '', metadata: '{}', type: 'bytes', upload: expect.any(String) },
        status: 'completed',
        durationMs,
      },
      {
        ...same,
        kind: 'call',
        runId,
        callId: expect.any(Number),
        name: 'tools.fail',
        arguments: {},
        status: 'failed',
        durationMs,
        error: 'no such host',
      },
      { ...same, kind: 'run-end', runId, status: 'failed', durationMs, error: 'ZeroDivisionError: division by zero' },
      { ...same, kind: 'artifact-delete', name: 'x' },
    ]);
    expect(entries.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(entries.every(({ at }) => at >= started && at <= Date.now())).toBe(true);
    await session.close();
    await using later = new Session({ storage });
    expect((await later.journal?.read())?.entries).toEqual(entries);
    await storage.close();
  });

  it('is read in pages and by run, and kept within its limits', async () => {
    const storage = open();
    const session = new Session({ storage, journal: { maxEntries: 6 } });
    const ids: string[] = [];
    for (let run = 0; run < 5; run++) ids.push((await session.run(`${run}`)).runId);
    const first = await session.journal?.read({ runId: ids[3] as string });
    expect(first?.entries.map(({ kind }) => kind)).toEqual(['run-start', 'run-end']);
    const page = await session.journal?.read({ limit: 3 });
    expect(page?.entries.length).toBe(3);
    expect((await session.journal?.read({ limit: 3, after: page?.next as string }))?.entries[0]?.id).not.toBe(
      page?.entries[2]?.id,
    );
    await session.close();
    await using later = new Session({ storage });
    const kept = await later.journal?.read();
    expect(kept?.next).toBeUndefined();
    expect(kept?.entries.map(({ runId, kind }) => `${runId} ${kind}`)).toEqual(
      ids.slice(2).flatMap((id) => [`${id} run-start`, `${id} run-end`]),
    );
    await storage.close();
  });
});

it('a storage that fails is told once, is tried again, and stops no run', async () => {
  const storage = new MemoryStorage();
  const append = storage.append.bind(storage);
  storage.append = () => Promise.reject(new Error('the store is away.'));
  const warnings: string[] = [];
  const session = new Session({
    storage,
    onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
  });
  expect((await session.run('1')).status).toBe('completed');
  await session.journal?.flush();
  await session.run('2');
  await session.journal?.flush();
  expect(warnings).toEqual(['The journal could not be written: the store is away. It is tried again.']);
  storage.append = append;
  expect((await session.journal?.read())?.entries.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  storage.append = () => Promise.reject(new Error('the store is away.'));
  await session.run('3');
  await session.close();
  expect(warnings.slice(1)).toEqual([
    'The journal could not be written: the store is away. It is tried again.',
    '2 entries of the journal were lost: the storage could not take them.',
  ]);
});

it('can be left out, and refuses limits that are none', async () => {
  await using session = new Session({ journal: false });
  await session.run('1');
  expect(session.journal).toBeUndefined();
  expect(() => new Session({ journal: { maxAgeDays: 0 } })).toThrow(
    'journal.maxAgeDays must be a positive number, got 0.',
  );
});

it('redacts by key at every depth, in headers, URLs and queries, and keeps entries small', () => {
  const secrets = {
    apiKey: 'k',
    nested: [{ 'X-Auth-Token': 1, Cookie: null, credentials: { a: 1 } }],
    url: 'https://bob:pw@host/x?q=1&access_token=abc',
    curl: '-H "Authorization: Bearer abc.def-123"',
    body: '{"password": "x", "n": [1]}',
    ok: 'fine',
  };
  expect(redact(secrets, SECRET_KEYS)).toEqual({
    apiKey: '[redacted]',
    nested: [{ 'X-Auth-Token': '[redacted]', Cookie: null, credentials: '[redacted]' }],
    url: 'https://[redacted]@host/x?q=1&access_token=[redacted]',
    curl: '-H "Authorization: Bearer [redacted]"',
    body: '{"password":"[redacted]","n":[1]}',
    ok: 'fine',
  });
  expect(redact({ pin: 1, x: 'y' }, /^pin$/g)).toEqual({ pin: '[redacted]', x: 'y' });
  const large = redact(
    {
      text: 'x'.repeat(10_000_000),
      items: Array(1000).fill({ a: 1 }),
      deep: JSON.parse(`${'[1,'.repeat(100)}1${']'.repeat(100)}`),
    },
    SECRET_KEYS,
  );
  expect(JSON.stringify(large).length).toBeLessThan(3_000);
});

it('an entry is one line, whatever its text holds', async () => {
  const storage = new MemoryStorage();
  const session = new Session({ storage });
  await session.artifacts.save('x', 'x', { description: 'a\r\n{"kind":"forged"}\u2028\u2029' });
  await session.close();
  const { entries } = await storage.readLog('journal');
  expect(entries.length).toBe(1);
  expect(entries[0]?.line).not.toMatch(/[\r\n\u2028\u2029]/);
});
