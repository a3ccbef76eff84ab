import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { atTerminal, codeMode, temporaryFolder } from './command.ts';

const folder = temporaryFolder();
mkdirSync(join(folder, 'tools'));
writeFileSync(
  join(folder, 'tools/echo.yaml'),
  'name: echo\ndescription: Says it.\nschema: {positional: [{name: text}]}\nrecipes: {say: {}}\n',
);
writeFileSync(
  join(folder, 'report.py'),
  `import sys
print("to stdout", tools.echo.say(text="hello").strip())
print("to stderr", file=sys.stderr)
class Plot:
    def _repr_svg_(self): return "<svg/>"
display(Plot())
{"answer": 42}
`,
);
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe.concurrent('code-mode run', () => {
  test('runs a file with tools: output on its streams, images to files, then the result', async () => {
    const run = await codeMode(['run', 'report.py', '--tools', 'tools', '--images', 'images'], { cwd: folder });
    expect(run).toEqual({
      exitCode: 0,
      stdout: 'to stdout hello\n{"answer": 42}\n',
      stderr: 'to stderr\nImage: images/report-1.svg\n',
    });
    const again = await codeMode(['run', 'report.py', '--tools', 'tools', '--images', 'images'], { cwd: folder });
    expect(again.stderr).toBe('to stderr\nImage: images/report-2.svg\n');
    expect(readdirSync(join(folder, 'images'))).toEqual(['report-1.svg', 'report-2.svg']);
    expect(readFileSync(join(folder, 'images/report-1.svg'), 'utf8')).toBe('<svg/>');
  });

  test('runs standard input and prints one JSON document', async () => {
    const { exitCode, stdout, stderr } = await codeMode(['run', '-', '--json'], { input: 'print("hi"); 6 * 7' });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', result: 42, stdout: 'hi\n', calls: [] });
  });

  test.each([
    ['1 / 0', [], 1, 'ZeroDivisionError: division by zero\n'],
    ['import os; os._exit(3)', [], 4, 'The Python process exited with code 3; all variables are lost.\n'],
    ['while True: pass', ['--timeout', '0.3'], 124, 'Python computed for more than 300 ms'],
    ['1', ['--isolation', 'some'], 2, 'code-mode: '],
    ['1', ['--timeout', '-1'], 2, 'code-mode: '],
  ])('%s %j ends with code %i', async (code, flags, exitCode, said) => {
    const run = await codeMode(['run', '-c', code, ...flags]);
    expect(run).toMatchObject({ exitCode, stdout: '' });
    expect(run.stderr).toContain(said);
  });

  test('what asks for approval is refused without a terminal, and allowed with --yes', async () => {
    const args = [
      'run',
      '-c',
      'tools.echo.say(text="x").strip()',
      '--tools',
      join(folder, 'tools'),
      '--policy',
      'ask-all',
    ];
    const refused = await codeMode(args);
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toContain(
      'This needs approval, and nobody can be asked without a terminal; allow it with --yes.',
    );
    expect(await codeMode([...args, '--yes'])).toEqual({ exitCode: 0, stdout: '"x"\n', stderr: '' });
  });

  test('without Python it says so in one sentence, and with --debug where it comes from', async () => {
    const env = { CODE_MODE_PYTHON: '/nowhere/python3' };
    const run = await codeMode(['run', '-c', '1'], { env });
    expect(run).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: 'code-mode: Python was not found at "/nowhere/python3". Give the path of a Python 3.10 or newer.\n',
    });
    expect((await codeMode(['run', '-c', '1', '--debug'], { env })).stderr).toContain('\n    at ');
  });
});

describe.concurrent('at a terminal', () => {
  test('a person is asked, and may allow the same call for the session', async () => {
    const code = 'print([tools.echo.say(text="x").strip() for _ in range(2)]); tools.echo.say(text="y")';
    const { exitCode, screen } = await atTerminal(
      ['run', '-c', code, '--tools', join(folder, 'tools'), '--policy', 'ask-all'],
      [
        ['expect', 'Python asks for tools.echo.say(text="x") in line 1'],
        ['expect', '[a]lways in this session: '],
        ['send', 'perhaps\r'],
        ['expect', 'Answer one of: no, yes, always.'],
        ['send', 'a\r'],
        ['expect', "['x', 'x']"],
        ['expect', 'Python asks for tools.echo.say(text="y")'],
        ['send', '\r'],
        ['expect', 'The person at the terminal said no.'],
      ],
    );
    expect({ exitCode, asked: screen.match(/Python asks/gu)?.length }).toEqual({ exitCode: 1, asked: 2 });
  });

  test('Ctrl-C at a question interrupts the run, which cannot go on as if it were a no', async () => {
    const code = 'try:\n    tools.echo.say(text="x")\nexcept Exception:\n    print("went on")';
    const { exitCode, screen } = await atTerminal(
      ['run', '-c', code, '--tools', join(folder, 'tools'), '--policy', 'ask-all'],
      [
        ['expect', '[a]lways in this session: '],
        ['send', '\u0003'],
        ['expect', 'The run was aborted.'],
      ],
    );
    expect({ exitCode, wentOn: screen.includes('\nwent on') }).toEqual({ exitCode: 130, wentOn: false });
  });

  test('Ctrl-C interrupts the run', async () => {
    const { exitCode, screen } = await atTerminal(
      ['run', '-c', 'print("begun", flush=True)\nwhile True: pass'],
      [
        ['expect', 'begun'],
        ['send', '\u0003'],
      ],
    );
    expect({ exitCode, screen }).toEqual({
      exitCode: 130,
      screen: 'begun\n^CThe run was aborted. Python was stopped; the variables are kept.\n',
    });
  });

  test('an image is shown where the terminal can, and what could deceive is left out of the output', async () => {
    const code = `import base64
class Dot:
    def _repr_png_(self): return base64.b64decode("${PNG}")
display(Dot())
print("\\x1b[31mred\\x1b[0m \\x1b]0;title\\x07\\x1b[2J\\x1b[1Aplain")`;
    const { exitCode, screen } = await atTerminal(['run', '-c', code], [], { env: { TERM: 'xterm-kitty' } });
    expect({ exitCode, screen }).toEqual({
      exitCode: 0,
      screen: `\u001b_Ga=T,f=100,m=0;${PNG}\u001b\\\n\u001b[31mred\u001b[0m plain\n`,
    });
  });
});
