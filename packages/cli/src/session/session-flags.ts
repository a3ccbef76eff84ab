import { type Command, InvalidArgumentError, Option } from 'commander';

/** What the flags of a command that opens a session say. */
export interface SessionFlags {
  storage?: string;
  redis?: string;
  prefix?: string;
  workspace?: string;
  tools?: string[];
  isolation?: 'auto' | 'required' | 'none';
  timeout?: number;
  policy?: 'allow-all' | 'ask-writes' | 'ask-all';
  readOnly?: boolean;
  yes?: boolean;
}

/** The flags of every command that opens a session. */
export function sessionFlags(command: Command): Command {
  return storageFlags(command)
    .option('--tools <path>', 'a folder of tool files, or one file; may be given again', gather)
    .addOption(new Option('--isolation <mode>', 'what holds Python in').choices(['auto', 'required', 'none']))
    .option('--timeout <seconds>', 'time Python may compute in one run (default: 60)', positiveNumber)
    .addOption(new Option('--policy <preset>', 'who is asked').choices(['allow-all', 'ask-writes', 'ask-all']))
    .option('--read-only', 'deny every call that is not marked read-only')
    .option('-y, --yes', 'approve whatever asks for approval');
}

/** The flags that say where workflows, artifacts and requirements are kept. */
export function storageFlags(command: Command): Command {
  return command
    .option('--storage <folder>', 'keep workflows, artifacts and requirements in this folder')
    .option('--redis <url>', 'keep them in Redis')
    .option('--prefix <prefix>', 'prefix of the keys in Redis (default: py_code_mode)')
    .option('--workspace <id>', 'a part of the store that is kept apart');
}

/** Not `<path...>`, which would take what follows too. */
export function gather(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 2 ** 31 / 1_000)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!(Number.isSafeInteger(value) && value > 0)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}
