import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { CodeModeError } from '../errors.ts';
import type { Storage } from '../storage/storage.ts';
import { checkName } from './requirement.ts';

/** What a session may install, and how. */
export interface DepsOptions {
  /**
   * Whether Python may change the packages. When not, `deps.add` and `deps.remove` are refused there, and so is a
   * workflow that needs a package which is missing; `deps.list`, `deps.sync` and the host's `session.deps` still work.
   * @defaultValue true
   */
  allowRuntime?: boolean;
  /** The packages that may be asked for, by name; what they need themselves comes along. @defaultValue any */
  allow?: string[];
  /** Asks for approval, as for a tool, before Python adds a package. @defaultValue false */
  ask?: boolean;
  /** @defaultValue `'uv'` when it is on `PATH`, else `'pip'`; in containers always `'pip'` */
  installer?: 'uv' | 'pip';
  /** The one package index. @defaultValue `$UV_DEFAULT_INDEX`, `$UV_INDEX_URL` or `$PIP_INDEX_URL`, else PyPI */
  indexUrl?: string;
  /** Further options for `uv pip install` or `pip install`. */
  extraArgs?: string[];
  /** Build packages that have no wheel. Building runs code of the package on this machine, or with a `ContainerExecutor` in a container that has a network. @defaultValue false */
  allowSourceBuilds?: boolean;
  /** Longest time for one change, in ms. Takes the place of `limits.callTimeoutMs`. @defaultValue 300_000 */
  timeoutMs?: number;
  /**
   * Where environments are built; may be shared by processes, not by machines.
   * @defaultValue `.code-mode/environments` in the folder of a `FileStorage`, else `code-mode/environments` in the user's cache folder
   */
  cacheFolder?: string;
  /** Names of the host's environment variables that the installer sees. @defaultValue those of proxies and certificates */
  environmentVariables?: string[];
}

export interface ResolvedDepsOptions extends Required<Omit<DepsOptions, 'allow' | 'installer' | 'indexUrl'>> {
  allow: ReadonlySet<string> | undefined;
  installer: 'uv' | 'pip' | undefined;
  indexUrl: string | undefined;
}

/** @throws CodeModeError `invalid_options` */
export function resolveDepsOptions(options: DepsOptions = {}, storage: Storage): ResolvedDepsOptions {
  const { timeoutMs = 300_000, installer, allow } = options;
  if (!(typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs < 2 ** 31)) {
    throw new CodeModeError(
      'invalid_options',
      `deps.timeoutMs must be a number from 1 to ${2 ** 31 - 1}, got ${String(timeoutMs)}.`,
    );
  }
  if (installer !== undefined && installer !== 'uv' && installer !== 'pip') {
    throw new CodeModeError(
      'invalid_options',
      `deps.installer must be 'uv' or 'pip', got ${JSON.stringify(installer)}.`,
    );
  }
  return {
    allowRuntime: options.allowRuntime ?? true,
    allow: allow && new Set(allow.map(checkAllowed)),
    ask: options.ask ?? false,
    installer,
    indexUrl: options.indexUrl ?? process.env.UV_DEFAULT_INDEX ?? process.env.UV_INDEX_URL ?? process.env.PIP_INDEX_URL,
    extraArgs: options.extraArgs ?? [],
    allowSourceBuilds: options.allowSourceBuilds ?? false,
    timeoutMs,
    cacheFolder: resolve(options.cacheFolder ?? defaultFolder(storage)),
    environmentVariables: options.environmentVariables ?? USUAL_VARIABLES,
  };
}

/** The part of the cache folder that Python reads. What the installers keep for themselves is beside it. */
export function environmentsFolder({ cacheFolder }: ResolvedDepsOptions, folder = 'built'): string {
  return join(cacheFolder, folder);
}

const USUAL_VARIABLES = [
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'PIP_CERT'],
];

function checkAllowed(name: string): string {
  try {
    return checkName(name);
  } catch (cause) {
    throw new CodeModeError('invalid_options', `deps.allow takes names of packages, got ${JSON.stringify(name)}.`, {
      cause,
    });
  }
}

function defaultFolder(storage: Storage): string {
  const folder = (storage as { folder?: unknown }).folder;
  if (typeof folder === 'string') return join(folder, '.code-mode', 'environments');
  const cache = process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache');
  return join(process.env.XDG_CACHE_HOME || cache, 'code-mode', 'environments');
}
