import { addConfigOptions } from '@code-mode/mcp/config-options';
import { type Command, InvalidArgumentError } from 'commander';

/** What the flags of a command that opens a session say; `configFlags` reads those of the config. */
export interface SessionFlags {
  yes?: boolean;
}

/** The flags of every command that opens a session; each overrides its key of the config file. */
export function sessionFlags(command: Command): Command {
  return addConfigOptions(command.optionsGroup('Session:'))
    .option('-y, --yes', 'approve whatever asks for approval')
    .optionsGroup('Options:');
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!(Number.isSafeInteger(value) && value > 0)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}
