import type { ConfigFlags } from '@code-mode/core/config';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** What the flags of a command that opens a session say. */
export interface SessionFlags extends ConfigFlags {
  yes?: boolean;
}

/** The flags of every command that opens a session; each overrides its key of the config file. */
export function sessionFlags(command: Command): Command {
  return command
    .optionsGroup('Session:')
    .option('--config <file>', 'the config file (default: the nearest code-mode.config.ts, .js, .json or .yaml)')
    .option('--no-config', 'read no config file')
    .option('--base <folder>', 'keep what is saved here, and take the tools of its folder tools')
    .option('--storage <folder>', 'keep workflows, artifacts and requirements in this folder')
    .option('--redis <url>', 'keep them in Redis')
    .option('--prefix <prefix>', 'prefix of the keys in Redis (default: py_code_mode)')
    .option('--workspace <id>', 'a part of the store that is kept apart')
    .option('--tools <path>', 'a folder of tool files, or one file; may be given again', gather)
    .option('--executor <name>', 'where Python runs (default: subprocess)')
    .addOption(new Option('--isolation <mode>', 'what holds Python in').choices(['auto', 'required', 'none']))
    .option('--timeout <seconds>', 'time Python may compute in one run (default: 60)', positiveNumber)
    .addOption(new Option('--policy <preset>', 'what is asked about').choices(['allow-all', 'ask-writes', 'ask-all']))
    .option('--read-only', 'deny every call that is not marked read-only')
    .option('--with <package>', 'a package that Python shall have; may be given again', gather)
    .option('--no-runtime-deps', 'Python may change no packages')
    .option('-y, --yes', 'approve whatever asks for approval')
    .optionsGroup('Options:');
}

/** The flags that the config knows. */
export function configFlags(flags: SessionFlags): ConfigFlags {
  return Object.fromEntries(NAMES.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]));
}

/** Not `<path...>`, which would take what follows too. */
export function gather(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!(Number.isSafeInteger(value) && value > 0)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}

const NAMES = [
  'config',
  'base',
  'storage',
  'redis',
  'prefix',
  'workspace',
  'tools',
  'executor',
  'isolation',
  'timeout',
  'policy',
  'readOnly',
  'with',
  'runtimeDeps',
] as const satisfies (keyof ConfigFlags)[];
