import { dirname, resolve } from 'node:path';
import { CodeModeError } from '../errors.ts';
import { nearestName } from '../search/nearest-name.ts';
import { checkConfig } from './check-config.ts';
import type { CodeModeConfig } from './code-mode-config.ts';
import { type ConfigFlags, FLAGS, toConfig } from './config-flags.ts';
import { EXECUTOR_NAMES } from './config-schema.ts';
import { findConfig } from './find-config.ts';

export interface LoadConfigOptions {
  /** Where the search for the file begins, and what paths of flags are relative to. @defaultValue the working folder */
  folder?: string;
  flags?: ConfigFlags;
}

/** Config file and flags as one. */
export interface LoadedConfig {
  /** The file that was read, absolute. */
  file?: string;
  /** Paths in it are absolute. */
  config: CodeModeConfig;
}

/**
 * Reads the nearest config file and puts the flags over it. What does not go together is refused, by the name that it was
 * given by: a flag's or a key's.
 * @throws CodeModeError `invalid_options`
 */
export async function loadConfig({
  folder = process.cwd(),
  flags = {},
}: LoadConfigOptions = {}): Promise<LoadedConfig> {
  checkExecutorName(flags.executor);
  const file = flags.config === false ? undefined : await findConfig(folder, flags.config);
  const given = toConfig(flags, flags.executor ?? file?.config.executor);
  const flagPlaces = { place: () => '', source: () => undefined };
  const ofFlags = absolute(
    namingFlags(() => checkConfig(given, flagPlaces)),
    folder,
  );
  const ofFile = file ? absolute(file.config, dirname(file.path)) : {};
  for (const [config, name] of [
    [ofFlags, (key: string) => FLAGS[key] ?? key],
    [ofFile, (key: string) => `"${key}" of ${file?.path}`],
  ] as const)
    checkOnePlace(config, name);
  const config = merged(ofFile, ofFlags);
  checkTogether(config, (key) => (isSet(ofFlags, key) ? (FLAGS[key] ?? key) : `"${key}" of ${file?.path}`));
  return { config, ...(file && { file: file.path }) };
}

/** Places to keep things in: one holds. */
const PLACES = ['base', 'storage', 'redis'] as const;

function merged(file: CodeModeConfig, flags: CodeModeConfig): CodeModeConfig {
  const chosen = PLACES.find((key) => flags[key] !== undefined);
  const { base, storage, redis, prefix, ...rest } = file;
  // A flag for the place takes the file's away, with what was said of that one; the tools of its `base` stay.
  const tools =
    base !== undefined && file.tools === undefined && chosen !== 'base' ? [resolve(base, 'tools')] : undefined;
  const kept =
    chosen === undefined
      ? file
      : {
          ...rest,
          ...(tools && { tools }),
          ...(chosen === 'redis' && redis !== undefined && prefix !== undefined && { prefix }),
        };
  const groups = ['subprocess', 'container', 'limits', 'deps', 'mcp'] as const;
  const both = groups.filter((key) => kept[key] !== undefined && flags[key] !== undefined);
  return { ...kept, ...flags, ...Object.fromEntries(both.map((key) => [key, { ...kept[key], ...flags[key] }])) };
}

function checkOnePlace(config: CodeModeConfig, name: (key: string) => string): void {
  const [first, second] = PLACES.filter((key) => config[key] !== undefined);
  if (first !== undefined && second !== undefined)
    throw refused(`${name(first)} and ${name(second)} both say where to keep what is saved: give one of them.`);
}

function checkTogether(config: CodeModeConfig, name: (key: string) => string): void {
  const { redis, prefix, workspace, executor = 'subprocess' } = config;
  const place = PLACES.find((key) => config[key] !== undefined);
  if (redis !== undefined && !/^rediss?:\/\//u.test(redis))
    throw refused(`${name('redis')} takes redis://… or rediss://…, got ${JSON.stringify(redis)}.`);
  if (prefix !== undefined && redis === undefined)
    throw refused(`${name('prefix')} goes with --redis ("redis" in a config file), and Redis is not used here.`);
  if (workspace !== undefined && (place === undefined || typeof config.storage === 'object'))
    throw refused(
      `${name('workspace')} goes with --base, --storage or --redis, and ${place === undefined ? 'nothing is kept here' : 'the storage is made in the config file'}.`,
    );
  for (const group of EXECUTOR_NAMES) {
    const options = config[group];
    if (options === undefined || executor === group) continue;
    const [option = ''] = Object.keys(options);
    const other = typeof executor === 'string' ? executor : `one of ${name('executor')}`;
    throw refused(`${name(`${group}.${option}`)} goes with --executor ${group}, and the executor is ${other}.`);
  }
}

function checkExecutorName(name: string | undefined): void {
  const known: readonly string[] = EXECUTOR_NAMES;
  if (name === undefined || known.includes(name)) return;
  const near = nearestName(name, known);
  const advice = near === undefined ? `The executors are ${known.join(', ')}` : `Did you mean ${near}`;
  throw refused(`--executor ${name} is not known. ${advice}${near === undefined ? '.' : '?'}`);
}

/** Mistakes of flags are told by the flags' names. */
function namingFlags<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!CodeModeError.isInstance(error)) throw error;
    const key = Object.keys(FLAGS).find((each) => error.message.startsWith(each));
    throw key === undefined ? error : refused(`${FLAGS[key]}${error.message.slice(key.length)}`);
  }
}

function isSet(config: CodeModeConfig, key: string): boolean {
  let value: unknown = config;
  for (const step of key.split('.')) value = (value as Record<string, unknown> | undefined)?.[step];
  return value !== undefined;
}

function absolute(config: CodeModeConfig, folder: string): CodeModeConfig {
  const { base, storage, tools, subprocess, deps } = config;
  const path = <T>(value: T): T | string => (typeof value === 'string' ? resolve(folder, value) : value);
  return {
    ...config,
    ...(base !== undefined && { base: resolve(folder, base) }),
    ...(storage !== undefined && { storage: path(storage) }),
    ...(tools !== undefined && { tools: [tools].flat().map(path) }),
    ...(subprocess?.cwd !== undefined && { subprocess: { ...subprocess, cwd: resolve(folder, subprocess.cwd) } }),
    ...(deps?.cacheFolder !== undefined && { deps: { ...deps, cacheFolder: resolve(folder, deps.cacheFolder) } }),
  };
}

function refused(message: string): CodeModeError {
  return new CodeModeError('invalid_options', message);
}
