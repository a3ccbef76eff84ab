import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { atTerminal, codeMode, temporaryFolder } from '../command.ts';

const folder = temporaryFolder();
mkdirSync(join(folder, 'store/tools'), { recursive: true });
writeFileSync(
  join(folder, 'store/tools/echo.yaml'),
  'name: echo\ndescription: Says it.\nschema: {positional: [{name: text}]}\nrecipes: {say: {}}\n',
);
const env = { XDG_STATE_HOME: join(folder, 'state') };
const repl = (steps: ['expect' | 'send', string][], ...flags: string[]) =>
  atTerminal(['repl', '--base', 'store', ...flags], steps, { cwd: folder, env });
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const UP = '\u001b[A';

test('runs lines and blocks, interrupts the run and not itself, and ends with the input', async () => {
  const { exitCode, screen } = await repl([
    ['expect', '>>> '],
    ['send', 'x = 20\r'],
    ['expect', '>>> '],
    ['send', 'def run(n: int) -> int:\r'],
    ['expect', '... '],
    ['send', '    """Doubles."""\r'],
    ['expect', '... '],
    ['send', '    return n * 2\r'],
    ['expect', '... '],
    ['send', '\r'],
    ['expect', '>>> '],
    ['send', 'run(x) + 2\r'],
    ['expect', '\r\n42\r\n'],
    ['send', ':save double\r'],
    ['expect', 'Saved as workflows.double, version 1.'],
    ['send', ':workflows\r'],
    ['expect', 'workflows.double(*, n: int) -> int  Doubles.'],
    ['send', 'print("half a line", end=""); exec("print(1, flush=True)\\nwhile True: pass")\r'],
    ['expect', '\r\nhalf a line1\r\n'],
    ['send', CTRL_C],
    ['expect', 'The run was aborted.'],
    ['expect', '>>> '],
    ['send', 'x ** 2\r'],
    ['expect', '\r\n400\r\n'],
    ['send', 'half a li'],
    ['expect', 'half a li'],
    ['send', `${CTRL_C}1/0\r`],
    ['expect', 'ZeroDivisionError: division by zero'],
    ['send', ':reset\r'],
    ['expect', 'The next line starts a new Python process.'],
    ['send', '"x" in globals()\r'],
    ['expect', '\r\nFalse\r\n'],
    ['send', CTRL_D],
  ]);
  expect({ exitCode, end: screen.slice(-1) }).toEqual({ exitCode: 0, end: '\n' });
});

test('completes names of tools, workflows, variables and commands, and knows what was typed before', async () => {
  const { exitCode } = await repl([
    ['expect', '>>> '],
    ['send', 'longest_name = 7\r'],
    ['expect', '>>> '],
    ['send', 'longest\t'],
    ['expect', 'longest_name'],
    ['send', '.bit_len\t'],
    ['expect', '.bit_length'],
    ['send', '()\r'],
    ['expect', '\r\n3\r\n'],
    ['send', 'tools.ec\t'],
    ['expect', 'tools.echo'],
    ['send', '.s\t'],
    ['expect', '.say'],
    ['send', '(text="hi").strip()\r'],
    ['expect', '\r\n"hi"\r\n'],
    ['send', ':art\t'],
    ['expect', ':artifacts'],
    ['send', '\r'],
    ['expect', 'There are no such artifacts.'],
    ['send', ':tools say\r'],
    ['expect', 'Says it.'],
    ['send', ':nothing\r'],
    ['expect', ':nothing is no command. There are :tools, '],
    ['send', ':deps\r'],
    ['expect', 'No package is required.'],
    ['send', ':help\r'],
    ['expect', 'Ctrl-C interrupts; Ctrl-D ends.'],
    ['send', ':quit\r'],
  ]);
  expect(exitCode).toBe(0);
  const history = join(folder, 'state/code-mode/repl-history');
  expect(statSync(history).mode & 0o777).toBe(0o600);
  expect(readFileSync(history, 'utf8').split('\n').slice(-4)).toEqual([':deps', ':help', ':quit', '']);
  const again = await repl([
    ['expect', '>>> '],
    ['send', `${UP}${UP}\r`],
    ['expect', 'Everything else is Python.'],
    ['send', 'exit()\r'],
  ]);
  expect(again.exitCode).toBe(0);
});

test('asks for approvals, and an interrupt takes the question back', async () => {
  const { exitCode, screen } = await repl(
    [
      ['expect', '>>> '],
      ['send', 'tools.echo.say(text="a").strip()\r'],
      ['expect', 'Allow it? [y]es, [N]o, [a]lways in this session: '],
      ['send', 'y\r'],
      ['expect', '\r\n"a"\r\n'],
      ['send', 'tools.echo.say(text="b").strip()\r'],
      ['expect', 'Allow it? '],
      ['send', CTRL_C],
      ['expect', 'The run was aborted.'],
      ['expect', '>>> '],
      ['send', '"still " + "here"\r'],
      ['expect', '\r\n"still here"\r\n'],
      // What was answered is no line of the history, and the end of the input says no.
      ['send', `${UP}${UP}\r`],
      ['expect', 'Python asks for tools.echo.say(text="b")'],
      ['expect', 'Allow it? '],
      ['send', CTRL_D],
      ['expect', 'The person at the terminal said no.'],
    ],
    '--policy',
    'ask-all',
  );
  expect({ exitCode, asked: screen.match(/Python asks/gu)?.length }).toEqual({ exitCode: 0, asked: 3 });
});

test('without a terminal it says what to use', async () => {
  expect(await codeMode(['repl'], { input: '1\n' })).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: 'code-mode: The REPL needs a terminal. Without one, give the code to code-mode run -.\n',
  });
});
