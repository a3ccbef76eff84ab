import { Command } from 'commander';
import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal/terminal.ts';

/** What every command is defined with. */
export interface Context {
  terminal: Terminal;
  /** Ends the command with another code than 0. */
  exitWith(code: ExitCode): void;
}

/** One line of a command's examples: what to type, and what it does. */
export type Example = readonly [command: string, does: string];

/** A command that only has others below it. */
export function defineGroup(
  name: string,
  summary: string,
  commands: readonly Command[],
  examples: readonly Example[],
): Command {
  const group = defineCommand(name, summary, examples);
  for (const command of commands) group.addCommand(command);
  return group;
}

/** A command with examples in its help. */
export function defineCommand(nameAndArguments: string, summary: string, examples: readonly Example[]): Command {
  const [name = '', ...args] = nameAndArguments.split(' ');
  const command = new Command(name)
    .summary(summary)
    .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`);
  for (const argument of args) command.argument(argument);
  if (examples.length === 0) return command;
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, does]) => `  $ ${line.padEnd(width)}  # ${does}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}
