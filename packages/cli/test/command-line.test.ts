import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { SHELL_SCRIPTS } from '../src/completion/shell-scripts.ts';
import { allCommands, createProgram } from '../src/create-program.ts';
import { Terminal } from '../src/terminal/terminal.ts';
import { TerminalFilter } from '../src/terminal/terminal-filter.ts';
import { atTerminal, codeMode, temporaryFolder } from './command.ts';
import { referencePage } from './reference-page.ts';

const folder = temporaryFolder();
const program = createProgram(new Terminal(process), { exitCode: 0 });

test('the reference page is what the help says; `vitest -u` writes it anew', async () => {
  await expect(referencePage()).toMatchFileSnapshot('../../../docs/reference/cli.md');
});

test('every command has a summary, examples that begin with it, and words for each argument', () => {
  const commands = allCommands(program).filter((command) => !['__complete', 'mcp'].includes(command.name()));
  expect(commands.length).toBeGreaterThan(30);
  for (const command of commands) {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(help).toContain('\nExamples:\n  $ ');
    expect(command.summary()).not.toBe('');
    for (const argument of command.registeredArguments) expect(argument.description).not.toBe('');
  }
});

describe.concurrent('the command line', () => {
  test('version, help and mistakes', async () => {
    expect(await codeMode(['--version'])).toEqual({
      exitCode: 0,
      stdout: `code-mode ${manifest.version}\n`,
      stderr: '',
    });
    expect(await codeMode(['run', '--help'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Usage: code-mode run \[options\] \[file\]\n/u),
      stderr: '',
    });
    expect(await codeMode(['workflow'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: "code-mode: Unknown command 'workflow' (Did you mean workflows?)\n",
    });
    expect(await codeMode(['run', '--timout', '3'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: "code-mode: Unknown option '--timout' (Did you mean --timeout?)\n",
    });
    expect(await codeMode(['tools'])).toMatchObject({ exitCode: 2, stdout: '' });
    expect(await codeMode(['mcp', '--host', 'x'])).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining('--host goes with --http.'),
    });
  });

  test('colours at a terminal, unless NO_COLOR is set', async () => {
    const args = ['run', '-c', 'raise ValueError("x")'];
    const colored = await atTerminal(args, [], { env: { NO_COLOR: '' } });
    expect(colored.screen).toContain('\u001b[31mTraceback');
    expect((await atTerminal(args, [])).screen).not.toContain('\u001b[3');
  });

  test('completes in bash', async () => {
    writeFileSync(join(folder, 'completion.bash'), (await codeMode(['completion', 'bash'])).stdout);
    const main = join(import.meta.dirname, '../src/main.ts');
    const complete = (...words: string[]) =>
      execFileSync('bash', [
        '-c',
        `code-mode() { "${process.execPath}" --conditions=@code-mode/source "${main}" "$@"; }
source "${folder}/completion.bash"
COMP_WORDS=(code-mode "$@"); COMP_CWORD=$#; _code_mode; printf '%s\n' "\${COMPREPLY[@]}"`,
        'bash',
        ...words,
      ])
        .toString()
        .trim()
        .split('\n');
    expect(complete('wor')).toEqual(['workflows']);
    expect(complete('workflows', '')).toEqual([
      ...['list', 'search', 'show', 'history', 'run', 'trust', 'rollback', 'delete', 'help'],
    ]);
    expect(complete('run', '--tools', 'x', '--isolation', 'r')).toEqual(['required']);
    expect(complete('workflows', 'trust', 'report', '')).toEqual(['trusted', 'draft', 'blocked']);
  });

  test.each(['bash', 'zsh', 'fish'] as const)('the script for %s can be read by it', (shell) => {
    if (spawnSync(shell, ['--version']).error !== undefined) {
      console.log(`skipped: the completion script of ${shell}, because there is no ${shell} on PATH`);
      return;
    }
    writeFileSync(join(folder, `script.${shell}`), SHELL_SCRIPTS[shell]);
    execFileSync(shell, ['-n', join(folder, `script.${shell}`)]);
  });
});

test.each([
  [['\u001b[1;31mred\u001b[0m\tand\rback\n'], '\u001b[1;31mred\u001b[0m\tand\rback\n'],
  [['\u001b]52;c;aGk=\u0007clipboard'], 'clipboard'],
  [['\u001b]0;tit', 'le\u001b\\x'], 'x'],
  [['a\u001b', '[2', 'Jb'], 'ab'],
  [['a\u001b[3', '1mb'], 'a\u001b[31mb'],
  [['\u009b2J\u0008\u0007x\u001bc'], '2Jx'],
  [['\u001b[?1049h\u001b[6n\u001bP1$q\u001b\\ok'], 'ok'],
])('of %j a terminal gets %j', (chunks, expected) => {
  const filter = new TerminalFilter();
  expect(chunks.map((chunk) => filter.pass(chunk)).join('')).toBe(expected);
});

test('a sequence that never ends holds nothing back for ever', () => {
  const filter = new TerminalFilter();
  expect(filter.pass('\u001b]open')).toBe('');
  expect(filter.pass('.'.repeat(5_000))).toBe(`]open${'.'.repeat(5_000)}`);
});

test('the package ships what init copies', () => {
  expect(manifest.files).toContain('templates');
  expect(readFileSync(join(import.meta.dirname, '../templates/shared/clock.yaml'), 'utf8')).toContain('name: clock');
});
