import { type ConfigFlags, EXECUTOR_NAMES } from '@code-mode/core/config';
import { type Command, InvalidArgumentError, Option } from 'commander';

/**
 * Adds the flags that say what sessions are made of, for every command that opens some; `configFlags` reads them. Which
 * go together is checked by `loadConfig`, for the config file too.
 */
export function addConfigOptions(command: Command): Command {
  return command
    .option('--base <folder>', 'keep what is saved in FOLDER, and take the tool files of FOLDER/tools')
    .option('--storage <folder>', 'keep what is saved in FOLDER')
    .option('--redis <url>', 'keep what is saved in Redis: redis://… or rediss://…')
    .option('--prefix <text>', 'prefix of the keys in Redis')
    .option('--workspace <name>', 'keep it apart from other workspaces of the same storage')
    .option('--tools <path>', 'folder of tool files, or one of them; may be given again', collect)
    .option('--executor <name>', `where Python runs: ${EXECUTOR_NAMES.join(', ')}`)
    .option('--image <name>', 'image of the executor container (default: python:3.13-slim)')
    .addOption(new Option('--isolation <mode>', 'what holds Python in').choices(['auto', 'required', 'none']))
    .option('--timeout <seconds>', 'time that Python may compute in one run (default: 60)', seconds)
    .option('--with <package>', 'a package that Python shall have, such as "pandas>=2"; may be given again', collect)
    .option('--no-runtime-deps', 'Python may neither add nor remove packages')
    .option('--read-only', 'deny every call that is not marked read-only')
    .addOption(new Option('--policy <preset>', 'what needs approval').choices(['allow-all', 'ask-writes', 'ask-all']))
    .option('--config <file>', 'config file (default: the nearest code-mode.config.ts, .js, .json or .yaml)')
    .option('--no-config', 'read no config file');
}

/** What the flags of `addConfigOptions` said, for `loadConfig`. */
export function configFlags(options: Readonly<Record<string, unknown>>): ConfigFlags {
  const { config, runtimeDeps, ...given } = options;
  const flags = Object.fromEntries(
    NAMES.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
  );
  return {
    ...flags,
    // commander says true where a flag with `no-` was not given.
    ...(runtimeDeps === false && { runtimeDeps }),
    ...((typeof config === 'string' || config === false) && { config }),
  };
}

const NAMES = [
  ...['base', 'storage', 'redis', 'prefix', 'workspace', 'tools', 'executor', 'image', 'isolation', 'timeout'],
  ...['with', 'readOnly', 'policy', 'families'],
];

export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0)) throw new InvalidArgumentError('It takes seconds, a number above 0.');
  return value;
}
