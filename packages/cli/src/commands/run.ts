import type { Command } from 'commander';
import { type Context, defineCommand } from '../define-command.ts';
import type { RunFlags } from '../run/run-code.ts';
import { sessionFlags } from '../session/session-flags.ts';

export function runCommand({ terminal, exitWith }: Context): Command {
  const command = defineCommand('run', 'run Python in a session', [
    ['code-mode run report.py --tools ./tools', 'run a file that calls tools'],
    ["code-mode run -c '1 + 1'", 'run a line; the value of the last expression is printed'],
    ['code-mode run - --json < report.py', 'run standard input, and print the result as JSON'],
    ['code-mode run report.py --storage .code-mode', 'with the workflows and artifacts of a folder'],
  ])
    .argument('[file]', 'a Python file, or - for standard input')
    .option('-c, --code <code>', 'the code itself')
    .option('--json', 'print the result as JSON, with the output in it')
    .option('--images <folder>', 'where images go that the terminal cannot show', '.');
  sessionFlags(command).addHelpText('after', EXIT_CODES);
  return command.action(async (file: string | undefined, flags: RunFlags) => {
    const { runCode } = await import('../run/run-code.ts');
    exitWith(await runCode(file, flags, terminal));
  });
}

const EXIT_CODES = `
Exit codes:
  0    the code came to its end
  1    it raised an exception
  2    the command line is wrong
  3    it could not be run: no Python, no store
  4    the Python process crashed
  5    a policy or a person refused the run
  124  it took longer than --timeout
  130  Ctrl-C`;
