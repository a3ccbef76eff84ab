import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { allCommands, createProgram } from '../src/create-program.ts';
import { Terminal } from '../src/terminal/terminal.ts';
import { atTerminal, codeMode, temporaryFolder } from './command.ts';
import { referencePage } from './reference-page.ts';

const folder = temporaryFolder();
const CODE_MODE = `"${process.execPath}" --conditions=@code-mode/source "${join(import.meta.dirname, '../src/main.ts')}"`;

/** Each takes the words behind `code-mode` and prints what its shell would offer for the last one. */
const COMPLETERS = {
  bash: `code-mode() { ${CODE_MODE} "$@"; }
source "SCRIPT"
COMP_WORDS=(code-mode "$@"); COMP_CWORD=$#; _code_mode; printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: `code-mode() { ${CODE_MODE} "$@"; }
compdef() {}; compadd() { shift; print -l -- "$@" }
source "SCRIPT"
words=(code-mode "$@"); CURRENT=$#words; _code_mode`,
  fish: `function code-mode; ${CODE_MODE} $argv; end
source "SCRIPT"
complete -C "code-mode $argv"`,
};

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

  test.each(Object.entries(COMPLETERS))('completes in %s', async (shell, program) => {
    if (spawnSync(shell, ['--version']).error !== undefined) {
      console.log(`skipped: completion in ${shell}, because there is no ${shell} on PATH`);
      return;
    }
    const script = join(folder, `completion.${shell}`);
    writeFileSync(script, (await codeMode(['completion', shell])).stdout);
    const complete = (...words: string[]) =>
      execFileSync(shell, ['-c', program.replace('SCRIPT', script), ...(shell === 'fish' ? [] : [shell]), ...words])
        .toString()
        .trim()
        .split('\n');
    expect(complete('wor')).toEqual(['workflows']);
    expect(complete('workflows', 'trust', 'report', '').sort()).toEqual(['blocked', 'draft', 'trusted']);
    expect(complete('run', '--tools', 'x', '--isolation', 'r')).toEqual(['required']);
  });
});

test('the package ships what init copies', () => {
  expect(manifest.files).toContain('templates');
  expect(readFileSync(join(import.meta.dirname, '../templates/shared/clock.yaml'), 'utf8')).toContain('name: clock');
});
