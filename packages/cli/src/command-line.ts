import { CommanderError } from 'commander';
import { createProgram } from './create-program.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { exitCodeOf, messageOf } from './failure.ts';
import type { Terminal } from './terminal/terminal.ts';

/** Runs the command; whatever goes wrong is one sentence on stderr, and a code. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const outcome: { exitCode: ExitCode } = { exitCode: EXIT.ok };
  try {
    await createProgram(terminal, outcome).parseAsync(args, { from: 'user' });
    return outcome.exitCode;
  } catch (error) {
    // Help and version are no errors.
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    // A group of commands without one: its help was printed.
    if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage;
    terminal.say(messageOf(error), `${terminal.style('red', 'code-mode:', terminal.stderr)} `);
    if (args.includes('--debug') && error instanceof Error) terminal.say(stacksOf(error));
    return exitCodeOf(error);
  }
}

function stacksOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stacksOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
