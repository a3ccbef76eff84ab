import { CodeModeError } from '../errors.ts';
import type { CodeModeConfig } from './code-mode-config.ts';

/** What the flags of a command said; each overrides its key of the config file. */
export interface ConfigFlags {
  /** The config file; `false` reads none. @defaultValue the nearest one, from the working folder upwards */
  config?: string | false;
  base?: string;
  storage?: string;
  redis?: string;
  prefix?: string;
  workspace?: string;
  tools?: readonly string[];
  executor?: string;
  image?: string;
  isolation?: string;
  /** In seconds. */
  timeout?: number;
  /** `false` lets Python change no packages. */
  runtimeDeps?: boolean;
  with?: readonly string[];
  readOnly?: boolean;
  policy?: string;
  families?: readonly string[];
}

/** The flag for a key of the config, as messages name it. */
export const FLAGS: Readonly<Record<string, string>> = {
  base: '--base',
  storage: '--storage',
  redis: '--redis',
  prefix: '--prefix',
  workspace: '--workspace',
  tools: '--tools',
  executor: '--executor',
  'subprocess.isolation': '--isolation',
  'container.isolation': '--isolation',
  'container.image': '--image',
  'limits.timeoutMs': '--timeout',
  'deps.allowRuntime': '--no-runtime-deps',
  packages: '--with',
  readOnly: '--read-only',
  policy: '--policy',
  'mcp.families': '--families',
};

/**
 * The same as keys of a config; not checked yet.
 * @param executor the one that the flags are about
 * @throws CodeModeError `invalid_options`
 */
export function toConfig(flags: ConfigFlags, executor: unknown): Record<string, unknown> {
  const { config: _, image, isolation, timeout, runtimeDeps, with: packages, readOnly, families, ...same } = flags;
  if (timeout !== undefined && !(timeout > 0 && timeout <= MAX_SECONDS))
    throw new CodeModeError(
      'invalid_options',
      `--timeout takes seconds: a number above 0 and up to ${MAX_SECONDS}, got ${timeout}.`,
    );
  if (isolation === 'none' && executor === 'container')
    throw new CodeModeError(
      'invalid_options',
      '--isolation none goes with --executor subprocess, and the executor is container.',
    );
  return {
    ...Object.fromEntries(Object.entries(same).filter(([, value]) => value !== undefined)),
    ...(isolation !== undefined && { [executor === 'container' ? 'container' : 'subprocess']: { isolation } }),
    ...(image !== undefined && {
      container: { image, ...(isolation !== undefined && executor === 'container' && { isolation }) },
    }),
    ...(timeout !== undefined && { limits: { timeoutMs: timeout * 1000 } satisfies CodeModeConfig['limits'] }),
    ...(runtimeDeps === false && { deps: { allowRuntime: false } }),
    ...(packages !== undefined && { packages }),
    ...(readOnly === true && { readOnly }),
    ...(families !== undefined && { mcp: { families } }),
  };
}

const MAX_SECONDS = 2_147_483;
