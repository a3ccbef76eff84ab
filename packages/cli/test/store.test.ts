import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from '@code-mode/core';
import { FileStorage } from '@code-mode/core/storage/file';
import { RedisStorage } from '@code-mode/core/storage/redis';
import { afterAll, describe, expect, test } from 'vitest';
import { RedisServer } from '../../core/test/storage/redis-server.ts';
import { atTerminal, codeMode, temporaryFolder } from './command.ts';

const folder = temporaryFolder();
const store = (command: string, ...args: string[]) => codeMode(['store', command, ...args], { cwd: folder });
const ok = (stdout: string, stderr = '') => ({ exitCode: 0, stdout, stderr });
const workflow = (line: string) => `def run() -> str:\n    """Says ${line}."""\n    return "${line}"\n`;

const library = join(folder, 'library');
mkdirSync(join(library, 'workflows'), { recursive: true });
mkdirSync(join(library, 'artifacts'));
mkdirSync(join(library, 'deps'));
writeFileSync(join(library, 'workflows/one.py'), workflow('one'));
writeFileSync(join(library, 'workflows/two.py'), workflow('two'));
writeFileSync(join(library, 'artifacts/rows.csv'), 'a,b\n');
writeFileSync(join(library, 'deps/requirements.txt'), '# ours\nSix>=1\n');

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) console.log('skipped: stores in Redis, because there is no redis-server on PATH');

describe.skipIf(!hasRedis)('folders and Redis', async () => {
  const server = hasRedis ? await RedisServer.start() : undefined;
  afterAll(() => server?.dispose());
  const target = ['--target', server?.url ?? '', '--prefix', 'agents'];

  test('bootstrap says what it would do, does it, and has nothing to do then', async () => {
    const changes = 'add artifacts/rows.csv\nadd deps/six\nadd workflows/one\nadd workflows/two\n';
    const args = ['--source', 'library', ...target];
    expect(await store('bootstrap', ...args, '--dry-run')).toEqual(
      ok(changes, 'Nothing was changed: 4 changes to make, without --dry-run.\n'),
    );
    expect(await store('list', ...target)).toEqual(ok('', `${server?.url} keeps nothing.\n`));
    expect(await store('bootstrap', ...args)).toEqual(ok(changes, '4 changes made.\n'));
    expect(await store('bootstrap', ...args)).toEqual(ok('', 'There was nothing to change.\n'));
    expect((await store('list', ...target, '--type', 'workflows')).stdout).toMatch(
      /^workflows\/one {2}[0-9a-f]{12} {2}55 bytes\nworkflows\/two {2}[0-9a-f]{12} {2}55 bytes\n$/u,
    );
  });

  test('diff has the signs of the reference', async () => {
    await using storage = new RedisStorage({ url: server?.url ?? '', prefix: 'agents' });
    await using session = new Session({ storage });
    // What was bootstrapped is there for a session on the store.
    expect((await session.workflows.get('one'))?.description).toBe('Says one.');
    await session.workflows.create('two', workflow('2'));
    await session.workflows.create('learned', workflow('learned'));
    await session.workflows.delete('one');
    expect(await store('diff', '--source', 'library', ...target)).toEqual(
      ok('= artifacts/rows.csv\n= deps/six\n+ workflows/learned\n- workflows/one\n~ workflows/two\n'),
    );
  });

  test('pull writes what is there to files, and --clear asks before it deletes', async () => {
    const args = ['pull', ...target, '--dest', 'library', '--type', 'workflows'];
    expect(await store(...(args as [string]), '--clear')).toEqual({
      exitCode: 2,
      stdout: 'add workflows/learned\ndelete workflows/one\nreplace workflows/two\n',
      stderr:
        'code-mode: Delete 1 of what library has and the source has not? Nobody can be asked without a terminal; say --yes if you mean it.\n',
    });
    expect(readdirSync(join(library, 'workflows')).sort()).toEqual(['one.py', 'two.py']);
    const { exitCode } = await atTerminal(
      ['store', ...args, '--clear'],
      [
        ['expect', 'has and the source has not? [y/N] '],
        ['send', 'yes\r'],
        ['expect', '3 changes made.'],
      ],
      { cwd: folder },
    );
    expect(exitCode).toBe(0);
    expect(readdirSync(join(library, 'workflows')).sort()).toEqual(['learned.py', 'two.py']);
    expect(readFileSync(join(library, 'workflows/two.py'), 'utf8')).toBe(workflow('2'));
  });

  test('copy takes versions and trust along, to a folder and back', async () => {
    expect(await store('copy', '--source', server?.url ?? '', '--target', 'backup', '--prefix', 'agents')).toEqual(
      ok('add artifacts/rows.csv\nadd deps/six\nadd workflows/learned\nadd workflows/two\n', '4 changes made.\n'),
    );
    await using backup = new FileStorage(join(folder, 'backup'));
    await using session = new Session({ storage: backup });
    expect((await session.workflows.history('two')).map(({ version, current }) => [version, current])).toEqual([
      [2, true],
      [1, false],
    ]);
    await session.workflows.setTrust('two', 'trusted');
    const args = ['--source', 'backup', '--target', server?.url ?? '', '--prefix', 'restored'];
    expect(await store('copy', ...args)).toMatchObject({ exitCode: 0, stderr: '4 changes made.\n' });
    await using storage = new RedisStorage({ url: server?.url ?? '', prefix: 'restored' });
    await using restored = new Session({ storage });
    expect(await restored.workflows.get('two')).toMatchObject({ version: 2, trust: 'trusted' });
    expect(await restored.artifacts.load('rows.csv')).toBe('a,b\n');
    expect(await restored.deps.list()).toEqual(['six>=1']);
  });
});

test('a workflow that could not be used is named, and nothing is written', async () => {
  mkdirSync(join(folder, 'bad/workflows'), { recursive: true });
  writeFileSync(join(folder, 'bad/workflows/fine.py'), workflow('fine'));
  writeFileSync(join(folder, 'bad/workflows/broken.py'), 'def run(:\n');
  const { exitCode, stdout, stderr } = await store('bootstrap', '--source', 'bad', '--target', 'made');
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toMatch(
    /^code-mode: Nothing was written, because these workflows could not be used\. Mend them: broken: .+\n$/u,
  );
  expect(readdirSync(folder)).not.toContain('made');
});

test('requirements of both stay, one for each package', async () => {
  const deps = (name: string, text: string) => {
    mkdirSync(join(folder, name, 'deps'), { recursive: true });
    writeFileSync(join(folder, name, 'deps/requirements.txt'), text);
  };
  deps('a', 'numpy\nPy_Yaml>=6\n');
  deps('b', 'py-yaml>=5\nrequests\n');
  const args = ['--source', 'a', '--target', 'b', '--type', 'deps'];
  expect(await store('diff', ...args)).toEqual(ok('- deps/numpy\n~ deps/py-yaml\n+ deps/requests\n'));
  expect(await store('bootstrap', ...args)).toMatchObject({ exitCode: 0 });
  expect(readFileSync(join(folder, 'b/deps/requirements.txt'), 'utf8')).toBe('Py_Yaml>=6\nrequests\nnumpy\n');
});

test('what is no store is told so', async () => {
  expect(await store('list', '--target', 's3://bucket')).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: 'code-mode: s3://bucket is no store that code-mode knows: give a folder, redis://… or rediss://….\n',
  });
  expect(await store('list', '--target', 'nowhere')).toMatchObject({ exitCode: 2, stdout: '' });
  expect(await store('list')).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: "code-mode: Required option '--target <store>' not specified.\n",
  });
});
