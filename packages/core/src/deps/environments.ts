import { createHash } from 'node:crypto';
import { readdir, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CodeModeError } from '../errors.ts';
import { BuiltFolders } from './built-folders.ts';
import { installFailed } from './explain-failure.ts';
import { type InstalledPackage, listPackages, listStartFiles } from './installed-packages.ts';
import { environmentsFolder, type ResolvedDepsOptions } from './options.ts';
import type { PackageInstaller } from './package-installer.ts';
import type { Requirement } from './requirement.ts';

/** Packages in a folder of their own, complete with all they need. Never changed once it is built. */
export interface Environment {
  id: string;
  /** What goes on Python's path, as the kernels see it. */
  sitePackages: string;
  packages: InstalledPackage[];
}

export interface EnsureOptions {
  requirements: readonly Requirement[];
  signal: AbortSignal;
  /** What the installer says, line by line. */
  onLine(line: string): void;
}

/**
 * The environments of a cache folder: one for each Python and set of requirements, made on first use and shared by all
 * processes that use the folder.
 */
export class Environments {
  readonly #options: ResolvedDepsOptions;
  readonly #installer: PackageInstaller;
  readonly #folders: BuiltFolders;

  constructor(options: ResolvedDepsOptions, installer: PackageInstaller) {
    this.#options = options;
    this.#installer = installer;
    this.#folders = new BuiltFolders(environmentsFolder(options, installer.folder));
  }

  /**
   * The environment, installed when it is not there.
   * @throws CodeModeError `install_failed`
   */
  async ensure({ requirements, signal, onLine }: EnsureOptions): Promise<Environment> {
    const python = await this.#installer.identify();
    const key = this.#keyOf(python, requirements);
    const build = async (folder: string): Promise<Facts> => {
      signal.throwIfAborted();
      await this.#installer.install({ folder, requirements, options: this.#options, signal, onLine });
      const sitePackages = await findSitePackages(folder);
      for (const file of await listStartFiles(join(folder, sitePackages))) onLine(`not executed: ${file}`);
      return { sitePackages, packages: await listPackages(join(folder, sitePackages)), python };
    };
    try {
      const { folder, facts: built } = await untilAborted(
        signal,
        this.#folders.get(key, { timeoutMs: this.#options.timeoutMs, build }),
      );
      const { seenAt } = this.#installer;
      const seen = seenAt === undefined ? folder : `${seenAt}/${basename(folder)}`;
      return { id: key, sitePackages: join(seen, built.sitePackages), packages: built.packages };
    } catch (error) {
      throw signal.aborted ? this.#stopped(signal.reason) : error;
    }
  }

  #keyOf(python: object, requirements: readonly Requirement[]): string {
    const { indexUrl, extraArgs, allowSourceBuilds } = this.#options;
    const wanted = requirements.map(({ text }) => text).sort();
    const text = JSON.stringify([LAYOUT, python, wanted, indexUrl ?? '', extraArgs, allowSourceBuilds]);
    return createHash('sha256').update(text).digest('hex').slice(0, 32);
  }

  #stopped(reason: unknown): CodeModeError {
    if (CodeModeError.isInstance(reason)) return reason;
    const timedOut = (reason as Error | undefined)?.name === 'TimeoutError';
    if (timedOut)
      return installFailed('timeout', `it took longer than ${this.#options.timeoutMs} ms (deps.timeoutMs).`);
    return installFailed('cancelled', 'it was cancelled.', undefined, reason);
  }
}

interface Facts {
  /** Relative to the environment's folder. */
  sitePackages: string;
  packages: InstalledPackage[];
  python: object;
}

/** Part of every key: raise it when an environment of an older version of this code must not be used. */
const LAYOUT = 1;

/** `lib/python3.12/site-packages`; the middle differs between Pythons. */
async function findSitePackages(folder: string): Promise<string> {
  for (const name of await readdir(join(folder, 'lib'))) {
    const inside: string[] = await readdir(join(folder, 'lib', name)).catch(() => []);
    if (!inside.includes('site-packages')) continue;
    const path = join('lib', name, 'site-packages');
    // A package that was built there may have put a link in its place, which leads anywhere on this machine.
    if ((await realpath(join(folder, path))) === join(await realpath(folder), path)) return path;
  }
  throw installFailed('installer', `the environment in ${folder} has no site-packages.`);
}

/** Waiting for another process cannot be interrupted, but it can be left. */
function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
