import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SubprocessExecutor } from '../../../src/executors/subprocess/index.ts';
import { Session } from '../../../src/session.ts';
import { FileStorage } from '../../../src/storage/file.ts';
import { MemoryStorage } from '../../../src/storage/memory.ts';
import { RedisStorage } from '../../../src/storage/redis.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import { RedisServer } from '../../storage/redis-server.ts';
import { pythonError, pythonValue, save } from './python.ts';

// A session with another folder for them has another zygote, and a store of files has a folder of its own.
const environments = mkdtempSync(join(tmpdir(), 'workflow-environments-'));
let folder: string;
let redis: RedisServer;
let open: AsyncDisposable[];

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(async () => {
  await redis.dispose();
  rmSync(environments, { recursive: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workflows-'));
  open = [];
});
afterEach(async () => {
  for (const item of open.reverse()) await item[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function session(storage: Storage = new FileStorage(folder), executor?: SubprocessExecutor): Session {
  const made = new Session({ storage, deps: { cacheFolder: environments }, ...(executor && { executor }) });
  open.push(storage, made, ...(executor ? [executor] : []));
  return made;
}

function putByHand(name: string, text: string): void {
  mkdirSync(join(folder, 'workflows'), { recursive: true });
  writeFileSync(join(folder, 'workflows', name), text);
}

const ADD = 'def run(a: int, b: int = 2) -> int:\n    """Adds two numbers."""\n    return a + b\n';

test('71: a workflow is there for the next session; a deleted one is gone from list, search and disk', async () => {
  const first = session();
  await pythonValue(first, save('add', ADD));
  await first.close();
  const second = session();
  expect(await pythonValue(second, 'workflows.add(a=1)')).toBe(3);
  expect(readFileSync(join(folder, 'workflows', 'add.py'), 'utf8')).toBe(ADD);
  expect(
    await pythonValue(
      second,
      '[workflows.delete("add"), workflows.delete("add"), workflows.list(), workflows.search("adds numbers")]',
    ),
  ).toEqual([true, false, [], []]);
  expect(readdirSync(join(folder, 'workflows'))).toEqual([]);
});

describe.each([
  ['memory', () => new MemoryStorage()],
  ['file', () => new FileStorage(folder)],
  ['redis', () => new RedisStorage({ url: redis.url, prefix: randomUUID() })],
] as const)('on %s storage', (_, storage) => {
  test('each save is a version with who, when, from which run, tools and packages; a rollback is a new one', async () => {
    const one = session(storage());
    const start = new Date().toISOString();
    await one.workflows.create('report', 'def run():\n    return 1\n', 'The first.');
    const result = await one.run(
      save('report', 'import json\ndef run():\n    """The second."""\n    return tools.weather(city="Oslo")\n'),
    );
    expect(await pythonValue(one, 'workflows.rollback("report", 1)["version"]')).toBe(3);
    const history = await one.workflows.history('report');
    expect(history.map(({ saved, hash, ...rest }) => rest)).toEqual([
      { version: 3, description: 'The first.', tools: [], requirements: [], current: true },
      { version: 2, description: 'The second.', tools: ['weather'], requirements: [], current: false },
      { version: 1, description: 'The first.', tools: [], requirements: [], current: false },
    ]);
    expect(history.map(({ saved: { at, ...rest } }) => rest)).toEqual([
      { sessionId: one.id, runId: result.runId.replace(/\d+$/u, '2'), restored: 1 },
      { sessionId: one.id, runId: result.runId },
      { sessionId: one.id },
    ]);
    expect(history.every(({ saved: { at } }) => at >= start && at <= new Date().toISOString())).toBe(true);
    expect(history[0]?.hash).toBe(history[2]?.hash);
    expect(await pythonValue(one, 'workflows.report()')).toBe(1);
    await expect(one.workflows.rollback('report', 9)).rejects.toMatchObject({
      code: 'invalid_arguments',
      message: "The workflow 'report' has no version 9. It has versions 1 to 3.",
    });
    await expect(one.workflows.history('reprot')).rejects.toMatchObject({ code: 'workflow_not_found' });
  });

  test('a deleted workflow comes back by rollback, and its numbers go on', async () => {
    const one = session(storage());
    await one.workflows.create('gone', 'def run():\n    return 1\n');
    await one.workflows.create('gone', 'def run():\n    return 2\n');
    expect(await one.workflows.delete('gone')).toBe(true);
    expect((await one.workflows.history('gone')).map(({ version, current }) => [version, current])).toEqual([
      [2, false],
      [1, false],
    ]);
    expect(await one.workflows.rollback('gone', 1)).toMatchObject({ version: 3 });
    expect(await pythonValue(one, 'workflows.gone()')).toBe(1);
  });

  test('calls are counted: runs, failures, the last error and the mean time', async () => {
    const one = session(storage());
    await one.workflows.create('half', 'def run(n: int):\n    """Halves."""\n    return 1 / n\n');
    await pythonValue(one, 'workflows.half(n=1)');
    await pythonError(one, 'workflows.half(n=0)');
    await pythonError(one, 'workflows.half(n="wrong")');
    const [found] = await one.workflows.search('halve');
    expect(found?.stats).toEqual({
      runs: 2,
      failures: 1,
      meanMs: expect.any(Number),
      lastRunAt: expect.any(String),
      lastError: { message: 'ZeroDivisionError: division by zero', at: expect.any(String) },
    });
    expect(
      await pythonValue(one, '[(w["runs"], w["failures"], w["last_error"]) for w in workflows.search("halve")]'),
    ).toEqual([[2, 1, 'ZeroDivisionError: division by zero']]);
  });

  test('counts and saves of many at once are all there', async () => {
    const shared = storage();
    const sessions = [session(shared), session(shared)];
    await sessions[0]?.workflows.create('quick', 'def run():\n    return 1\n');
    const calls = 'import asyncio\nlen(await asyncio.gather(*[workflows.quick() for _ in range(10)]))';
    expect(await Promise.all(sessions.map((one) => pythonValue(one, calls)))).toEqual([10, 10]);
    expect((await sessions[0]?.workflows.get('quick'))?.stats).toMatchObject({ runs: 20, failures: 0 });

    const numbers = await Promise.all(
      Array.from({ length: 12 }, async (_unused, index) => {
        const one = sessions[index % 2] as Session;
        return (await one.workflows.create('busy', `def run():\n    return ${index}\n`)).version;
      }),
    );
    const history = await (sessions[0] as Session).workflows.history('busy');
    expect(history.map(({ version }) => version)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(history.map(({ current }) => current).indexOf(true)).toBe(0);
    expect(Math.max(...(numbers as number[]))).toBe(12);
  });
});

test('a second session on the store finds, calls and replaces what the first one saved', async () => {
  const [first, second] = [session(), session()];
  await pythonValue(first, save('greet', 'def run(name: str):\n    """Greets a person."""\n    return "Hi " + name\n'));
  expect(await pythonValue(second, 'workflows.search("greet somebody")[0]["signature"]')).toBe(
    'workflows.greet(*, name: str) -> Any',
  );
  expect(await pythonValue(second, 'workflows.greet(name="Ada")')).toBe('Hi Ada');
  await pythonValue(second, save('greet', 'def run(name: str):\n    return "Hello " + name\n'));
  expect(await pythonValue(first, 'workflows.greet(name="Ada")')).toBe('Hello Ada');
  expect((await first.workflows.history('greet')).map(({ saved }) => saved.sessionId)).toEqual([second.id, first.id]);
});

test('80, 81: names are Python identifiers, and none that means something else', async () => {
  const one = session(new MemoryStorage());
  const identifier = 'use a Python identifier: letters, digits and "_", a letter first';
  const reasons: [string, string][] = [
    ['', 'it is empty'],
    ['1a', identifier],
    ['a-b', identifier],
    ['a b', identifier],
    ['../x', '"." and ".." are no names'],
    ['_a', identifier],
    ['__init__', 'names like __this__ are kept for Python'],
    ['class', 'it is a keyword of Python'],
    ['True', 'it is a keyword of Python'],
    ...['list', 'search', 'get', 'invoke', 'create', 'delete', 'history', 'rollback', 'aio'].map(
      (name): [string, string] => [name, `workflows.${name} is a function already`],
    ),
    ...['tools', 'workflows', 'artifacts', 'deps'].map((name): [string, string] => [
      name,
      'it is the name of a namespace',
    ]),
  ];
  for (const [name, reason] of reasons) {
    const message = `The name ${JSON.stringify(name)} is not allowed in workflows: ${reason}.`;
    await expect(one.workflows.create(name, ADD)).rejects.toMatchObject({ code: 'invalid_name', message });
  }
  const code =
    'try: workflows.create("a-b", "def run(): pass")\nexcept ValueError as error: result = [type(error).__name__, str(error)]\nresult';
  expect(await pythonValue(one, code)).toEqual([
    'WorkflowError',
    `The name "a-b" is not allowed in workflows: ${identifier}.`,
  ]);
  expect(await one.workflows.list()).toEqual([]);
});

test('78, 79, 84: source is parsed and never run; without a function run it is refused', async () => {
  // Without isolation, so that code which ran leaves a trace where this process sees it.
  const one = session(new MemoryStorage(), new SubprocessExecutor({ isolation: 'none' }));
  const marker = join(folder, 'ran');
  await one.workflows.create('quiet', `open(${JSON.stringify(marker)}, "w")\ndef run():\n    return 1\n`);
  await one.workflows.list();
  expect(readdirSync(folder)).toEqual([]);
  expect(await pythonValue(one, 'workflows.quiet()')).toBe(1);
  expect(readdirSync(folder)).toEqual(['ran']);
  await expect(one.workflows.create('none', 'x = 1')).rejects.toMatchObject({
    code: 'invalid_source',
    message:
      "The workflow 'none' was not saved. The source has no function `run` at its top level. Define `def run(...)` or `async def run(...)`; its parameters are those of the workflow.",
  });
  await expect(one.workflows.create('broken', 'def run():\n  return (')).rejects.toMatchObject({
    code: 'invalid_source',
    message: "The workflow 'broken' was not saved. Line 2: '(' was never closed.",
  });
});

test('85, 86, 87: files put there by hand are listed, read and called; a broken one hides no other', async () => {
  putByHand('greet.py', '"""Greets."""\nasync def run(name: str):\n    return "Hi " + name\n');
  putByHand('broken.py', 'def run(:\n');
  putByHand('binary.py', '\u0000');
  writeFileSync(join(folder, 'workflows', 'latin.py'), Buffer.from([0x23, 0xff]));
  putByHand('list.py', 'def run(): pass\n');
  putByHand('_private.py', 'def run(): pass\n');
  const one = session();
  expect((await one.workflows.list()).map(({ name, description, problem }) => [name, description, problem])).toEqual([
    ['binary', '', 'source code string cannot contain null bytes'],
    ['broken', '', 'line 1: invalid syntax'],
    ['greet', 'Greets.', undefined],
    ['latin', '', 'its file is not UTF-8 text'],
    ['list', '', 'its name cannot be used: workflows.list is a function already'],
  ]);
  expect(await pythonValue(one, 'workflows.greet(name="Ada")')).toBe('Hi Ada');
  expect(await pythonError(one, 'workflows.broken()')).toMatchObject({
    name: 'WorkflowError',
    message: `The workflow 'broken' cannot be used: line 1: invalid syntax. Save it again with workflows.create("broken", source).`,
  });

  putByHand('greet.py', '"""Greets."""\nasync def run(name: str):\n    return "Hello " + name\n');
  putByHand('later.py', 'def run():\n    """Came later."""\n    return 1\n');
  expect(
    await pythonValue(one, '[workflows.greet(name="Ada"), workflows.later(), workflows.search("later")[0]["name"]]'),
  ).toEqual(['Hello Ada', 1, 'later']);
});

test('a text that came by hand becomes a version before another takes its place', async () => {
  putByHand('greet.py', 'def run():\n    return "by hand"\n');
  const one = session();
  await one.workflows.create('greet', 'def run():\n    return "saved"\n');
  putByHand('greet.py', 'def run():\n    return "by hand again"\n');
  expect((await one.workflows.get('greet'))?.version).toBeUndefined();
  await one.workflows.create('greet', 'def run():\n    return "saved again"\n');
  expect((await one.workflows.history('greet')).map(({ version, saved }) => [version, saved.sessionId])).toEqual([
    [4, one.id],
    [3, undefined],
    [2, one.id],
    [1, undefined],
  ]);
  await one.workflows.rollback('greet', 3);
  expect(await pythonValue(one, 'workflows.greet()')).toBe('by hand again');
});

test('88: search finds by docstrings, parameters and names in the code, best first, at most limit', async () => {
  const one = session(new MemoryStorage());
  expect(await pythonValue(one, 'workflows.search("anything")')).toEqual([]);
  await one.workflows.create(
    'fetch_rows',
    'def run(table: str):\n    """Reads rows of a database table."""\n    return tools.sql.query(table=table)\n',
  );
  await one.workflows.create(
    'plot',
    'def run(values: list[float]):\n    """Draws a line chart.\n\n    With confidence bands.\n    """\n    return matplotlib_figure(values)\n',
  );
  await one.workflows.create(
    'undocumented',
    'def run(invoice_number):\n    return send_reminder(invoice_number)\n',
    'Dunning.',
  );
  const names = async (query: string, limit?: number) =>
    (await one.workflows.search(query, limit)).map(({ name }) => name);
  expect(await names('database table')).toEqual(['fetch_rows']);
  expect(await names('sql')).toEqual(['fetch_rows']);
  expect(await names('remind of invoices')).toEqual(['undocumented']);
  expect(await names('dunning')).toEqual(['undocumented']);
  expect(await names('charts')).toEqual(['plot']);
  expect(await names('confidence')).toEqual(['plot']);
  expect(await names('read rows, draw a chart', 1)).toHaveLength(1);
  await one.workflows.delete('plot');
  expect(await names('charts')).toEqual([]);
});

test('host code that saves a workflow and does nothing else lives until it is saved', () => {
  const code = `import { Session } from ${JSON.stringify(new URL('../../../src/index.ts', import.meta.url).href)};
await using session = new Session();
console.log((await session.workflows.create('one', 'def run(): pass')).version);`;
  const flags = ['--conditions=@code-mode/source', '--input-type=module-typescript', '--experimental-strip-types'];
  expect(
    execFileSync(process.execPath, [...flags, '-e', code], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  ).toBe('1\n');
});
