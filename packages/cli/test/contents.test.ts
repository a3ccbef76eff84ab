import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from '@code-mode/core';
import { FileStorage } from '@code-mode/core/storage/file';
import { beforeAll, describe, expect, test } from 'vitest';
import { freshCacheFolder, prepareInstallers } from '../../core/test/deps/test-installers.ts';
import { wheelFolder } from '../../core/test/deps/wheels.ts';
import { atTerminal, codeMode, temporaryFolder } from './command.ts';

const folder = temporaryFolder();
const run = (...args: string[]) => codeMode(args, { cwd: folder });
const ok = (stdout: string, stderr = '') => ({ exitCode: 0, stdout, stderr });

const GREET = (word: string) => `def run(name: str, times: int = 1) -> list:
    """Greets somebody."""
    return [f"${word} {name}"] * times
`;

beforeAll(async () => {
  mkdirSync(join(folder, 'store/tools'), { recursive: true });
  writeFileSync(join(folder, 'code-mode.config.json'), JSON.stringify({ base: 'store' }));
  writeFileSync(
    join(folder, 'store/tools/echo.yaml'),
    'name: echo\ndescription: Says what it is told.\nschema: {positional: [{name: text, type: string}]}\nrecipes: {say: {}}\n',
  );
  await using storage = new FileStorage(join(folder, 'store'));
  await using session = new Session({ storage });
  await session.workflows.create('greet', GREET('Hello'));
  await session.workflows.create('greet', GREET('Hi'));
});

describe.concurrent('tools', () => {
  test('list and search', async () => {
    expect(await run('tools', 'list')).toEqual(
      ok('echo      Says what it is told.\necho.say  Says what it is told.\n'),
    );
    const { stdout } = await run('tools', 'search', 'told', '--limit', '1', '--json');
    expect(JSON.parse(stdout)).toMatchObject([{ name: 'echo' }]);
    expect(await run('tools', 'list', '--no-config')).toEqual(
      ok('', 'There are no tools here: name a folder of tool files with --tools or --base.\n'),
    );
  });

  test('describe, with the nearest name for one that is not there', async () => {
    expect((await run('tools', 'describe', 'echo.say')).stdout).toContain('def say(*, text: str');
    expect(await run('tools', 'describe', 'ecko')).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: "code-mode: No tool is named 'ecko'. Did you mean 'echo'?\n",
    });
  });

  test('call takes text as text, checks arguments, and says what failed without our code', async () => {
    expect(await run('tools', 'call', 'echo.say', 'text=007')).toEqual(ok('007\n\n'));
    expect(await run('tools', 'call', 'tools.echo.say', '{"text": "é\u2028"}', '--json')).toMatchObject({
      exitCode: 0,
    });
    const wrong = await run('tools', 'call', 'echo.say', 'txt=1');
    expect(wrong).toMatchObject({ exitCode: 1, stdout: '' });
    expect(wrong.stderr).toMatch(/^\w+Error: .*txt/u);
    expect(wrong.stderr).not.toContain('json.loads');
    expect(await run('tools', 'call', 'echo.say', 'text')).toMatchObject({ exitCode: 2 });
  });

  test('check says what is wrong with a file, and where', async () => {
    expect(await run('tools', 'check')).toEqual(ok('2 tools, 0 problems.\n'));
    writeFileSync(join(folder, 'bad.yaml'), 'name: bad\ntimout: 5\nrecipes: {run: {}}\n');
    expect(await run('tools', 'check', '--no-config', '--tools', 'bad.yaml')).toEqual({
      exitCode: 1,
      stdout: `${join(folder, 'bad.yaml')}:2:1: has the unknown key "timout"; did you mean "timeout"?\n0 tools, 1 problem.\n`,
      stderr: '',
    });
  });
});

describe('workflows', () => {
  test('list, search and show', async () => {
    expect(await run('workflows', 'list')).toEqual(ok('greet  v2  draft  never run  Greets somebody.\n'));
    expect(JSON.parse((await run('workflows', 'search', 'greets', '--json')).stdout)).toMatchObject([
      { name: 'greet' },
    ]);
    const { stdout, stderr } = await run('workflows', 'show', 'greet');
    expect(stdout).toBe(GREET('Hi'));
    expect(stderr).toContain('# workflows.greet(*, name: str, times: int = 1) -> list\n# draft, 0 runs, 0 failed, ');
  });

  test('run takes arguments by name', async () => {
    expect(await run('workflows', 'run', 'greet', 'name=42', 'times=2')).toEqual(ok('["Hi 42", "Hi 42"]\n'));
    expect(await run('workflows', 'run', 'great')).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: 'code-mode: There is no workflow "great" here. Did you mean greet?\n',
    });
  });

  test('history, rollback and delete', async () => {
    expect(await run('workflows', 'rollback', 'greet', '1')).toEqual(
      ok('greet is version 1 again, saved as version 3.\n'),
    );
    const { stdout } = await run('workflows', 'history', 'greet');
    expect(stdout.split('\n').map((line) => line.slice(0, 3))).toEqual(['* 3', '  2', '  1', '']);
    expect(stdout).toContain('Greets somebody. (version 1 again)');
    expect(await run('workflows', 'delete', 'greet')).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'code-mode: Delete the workflow greet? Nobody can be asked without a terminal; say --yes if you mean it.\n',
    });
    expect((await run('workflows', 'delete', 'greet', '--yes')).stdout).toContain('greet is deleted.');
    expect((await run('workflows', 'rollback', 'greet', '2')).stdout).toContain('saved as version 4.');
  });

  test('trust shows the text and asks', async () => {
    const { exitCode, screen } = await atTerminal(
      ['workflows', 'trust', 'greet'],
      [
        ['expect', 'return [f"Hi {name}"]'],
        ['expect', 'Do you trust this text of greet? [y/N] '],
        ['send', 'y\r'],
      ],
      { cwd: folder },
    );
    expect(exitCode).toBe(0);
    expect(screen).toMatch(/greet is trusted \([0-9a-f]{12}\)\.\n$/u);
    expect((await run('workflows', 'list')).stdout).toMatch(
      /^greet {2}v\d {2}trusted {2}never run {2}Greets somebody\.\n$/u,
    );
    expect(await run('workflows', 'trust', 'greet', 'sure')).toMatchObject({ exitCode: 2 });
  });
});

test('artifacts go in and out as they are', async () => {
  const bytes = Buffer.from([0, 1, 2, 255]);
  writeFileSync(join(folder, 'rows.bin'), bytes);
  expect(await run('artifacts', 'put', 'a/rows.bin', 'rows.bin')).toEqual(ok('a/rows.bin is saved: bytes, 4 bytes.\n'));
  const text = await codeMode(['artifacts', 'put', 'note.txt', '-', '--description', 'A note.'], {
    cwd: folder,
    input: 'é\n',
  });
  expect(text).toEqual(ok('note.txt is saved: text, 3 bytes.\n'));
  expect(await run('artifacts', 'list')).toEqual(
    ok('a/rows.bin  bytes  4 bytes\nnote.txt    text   3 bytes  A note.\n'),
  );
  expect(await run('artifacts', 'get', 'note.txt')).toEqual(ok('é\n'));
  expect(await run('artifacts', 'get', 'a/rows.bin', '-o', 'out.bin')).toEqual(ok('', 'Wrote 4 bytes to out.bin.\n'));
  expect(readFileSync(join(folder, 'out.bin'))).toEqual(bytes);
  expect(JSON.parse((await run('artifacts', 'show', 'note.txt', '--json')).stdout)).toMatchObject({ type: 'text' });
  expect(await run('artifacts', 'put', 'x', 'nowhere')).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: 'code-mode: nowhere cannot be used: it is not there. Check the path.\n',
  });
  expect((await run('artifacts', 'delete', 'note.txt', '-y')).stdout).toBe('note.txt is deleted.\n');
  expect(await run('artifacts', 'get', 'note.txt')).toMatchObject({ exitCode: 3, stdout: '' });
});

test('packages are added, listed and removed', async () => {
  await prepareInstallers();
  using wheels = await wheelFolder([['tinypkg', '1.0', { 'tinypkg.py': 'ANSWER = 42\n' }]]);
  using cache = freshCacheFolder();
  const config = { base: 'store', deps: { installer: 'pip', extraArgs: wheels.extraArgs, cacheFolder: cache.path } };
  writeFileSync(join(folder, 'deps.config.json'), JSON.stringify(config));
  const deps = (...args: string[]) => run('deps', ...args, '--config', 'deps.config.json');
  expect(await deps('add', 'tinypkg')).toEqual(ok('installed tinypkg==1.0\nRequired now: tinypkg.\n'));
  expect(await deps('list')).toEqual(ok('tinypkg\n'));
  expect(await run('run', '-c', 'import tinypkg; tinypkg.ANSWER', '--config', 'deps.config.json')).toEqual(ok('42\n'));
  expect(await deps('add', 'nosuchpkg')).toMatchObject({ exitCode: 3, stdout: '' });
  expect(await deps('remove', 'tinypkgs')).toEqual({
    exitCode: 3,
    stdout: '',
    stderr: 'code-mode: Not required here: tinypkgs. Required are: tinypkg.\n',
  });
  expect(await deps('remove', 'tinypkg')).toEqual(ok('Required now: nothing.\n'));
  expect(await deps('sync')).toEqual(ok('Required now: nothing.\n'));
});

test('what looks at a store wants one', async () => {
  expect(await run('workflows', 'list', '--no-config')).toEqual({
    exitCode: 2,
    stdout: '',
    stderr:
      'code-mode: Nothing is kept here: say where with --base, --storage or --redis, or write a config file with code-mode init.\n',
  });
});
