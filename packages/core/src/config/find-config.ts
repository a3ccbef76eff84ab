import { access, readFile } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CodeModeError } from '../errors.ts';
import { checkConfig } from './check-config.ts';
import type { CodeModeConfig } from './code-mode-config.ts';

/** A config file that was read and checked. */
export interface ConfigFile {
  /** Absolute. */
  path: string;
  config: CodeModeConfig;
}

const NAMES = ['ts', 'js', 'json', 'yaml', 'yml'].map((ending) => `code-mode.config.${ending}`);

/**
 * Reads the config file: the one that is named, else the nearest one from the folder upwards, else none.
 * @throws CodeModeError `invalid_options`
 */
export async function findConfig(folder: string, named?: string): Promise<ConfigFile | undefined> {
  const path = named === undefined ? await nearest(resolve(folder)) : resolve(folder, named);
  if (path === undefined) return undefined;
  const inside = relative(folder, path);
  const shown = isAbsolute(inside) || inside.startsWith('..') ? path : inside;
  return { path, config: await readConfig(path, shown) };
}

async function nearest(folder: string): Promise<string | undefined> {
  const found: string[] = [];
  for (const name of NAMES) if (await exists(join(folder, name))) found.push(name);
  if (found.length > 1) throw refused(`${folder} has ${found.join(' and ')}: keep one of them.`);
  const [name] = found;
  if (name !== undefined) return join(folder, name);
  const parent = dirname(folder);
  return parent === folder ? undefined : await nearest(parent);
}

async function readConfig(path: string, shown: string): Promise<CodeModeConfig> {
  if (['.ts', '.js', '.mts', '.mjs'].includes(extname(path))) return await importConfig(path, shown);
  if (!['.json', '.yaml', '.yml'].includes(extname(path)))
    throw refused(`${shown} is no config file: its name must end in .ts, .js, .json, .yaml or .yml.`);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw refused(`The config file ${shown} cannot be read: ${(cause as Error).message}`, cause);
  }
  // Most starts have no such file, and need no parser.
  const { ToolDocument } = await import('../tool-sources/yaml/tool-document.ts');
  const document = new ToolDocument(shown, text, 'keys such as `base` and `tools`');
  const [problem] = document.problems;
  if (problem) throw refused(`${problem.place} ${problem.message}.`);
  return checkConfig(document.data ?? {}, document);
}

async function importConfig(path: string, shown: string): Promise<CodeModeConfig> {
  let module: { default?: unknown };
  try {
    module = await import(pathToFileURL(path).href);
  } catch (cause) {
    throw refused(`The config file ${shown} does not load: ${reasonOf(cause, shown)}`, cause);
  }
  const config = module.default;
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw refused(`${shown} must have the config as its default export: export default defineConfig({ … }).`);
  return checkConfig(config as Record<string, unknown>, { place: () => shown, source: () => undefined });
}

/** Why a module does not load, and what to do where that is known. */
function reasonOf(cause: unknown, shown: string): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return `Node ${process.version} does not read TypeScript; take Node 22.18 or newer, or a code-mode.config.js.`;
  const [, missing] = /^Cannot find package '([^']+)'/.exec(cause.message) ?? [];
  if (missing !== undefined) return `the package ${missing} is not installed there. npm install ${missing}`;
  if (cause.name !== 'SyntaxError') return String(cause);
  // Node tells the line of TypeScript alone.
  const [, line] = /^.+:(\d+)\n/.exec(cause.stack ?? '') ?? [];
  return line === undefined
    ? `${cause.message}. node --check ${shown} shows where.`
    : `line ${line}: ${cause.message}.`;
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

function refused(message: string, cause?: unknown): CodeModeError {
  return new CodeModeError('invalid_options', message, { cause });
}
