import { createHash } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CodeModeError } from '../errors.ts';
import { BuiltFolders } from './built-folders.ts';
import { installFailed } from './explain-failure.ts';
import { type InstalledPackage, listPackages, listStartFiles } from './installed-packages.ts';
import { type InstallerContext, installInto, makeVirtualEnvironment } from './installers.ts';
import { environmentsFolder, type ResolvedDepsOptions } from './options.ts';
import { type PythonFacts, probePython } from './probe-python.ts';
import type { Requirement } from './requirement.ts';

/** Packages in a folder of their own, complete with all they need. Never changed once it is built. */
export interface Environment {
  id: string;
  /** What goes on Python's path. */
  sitePackages: string;
  packages: InstalledPackage[];
}

export interface EnsureOptions {
  /** Absolute path of the interpreter that will use it. */
  python: string;
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
  readonly #folders: BuiltFolders;

  constructor(options: ResolvedDepsOptions) {
    this.#options = options;
    this.#folders = new BuiltFolders(environmentsFolder(options));
  }

  /** The environment if it is there already. */
  async find(python: string, requirements: readonly Requirement[]): Promise<Environment | undefined> {
    const key = this.#keyOf(await probePython(python), requirements);
    const found = await this.#folders.find<Facts>(key);
    return found && toEnvironment(key, found.folder, found.facts);
  }

  /**
   * The environment, installed when it is not there.
   * @throws CodeModeError `install_failed`
   */
  async ensure({ python, requirements, signal, onLine }: EnsureOptions): Promise<Environment> {
    const facts = await probePython(python);
    const key = this.#keyOf(facts, requirements);
    const home = join(this.#options.cacheFolder, 'home');
    const context: InstallerContext = {
      python,
      facts,
      options: this.#options,
      folders: this.#folders,
      home,
      signal,
      onLine,
    };
    const build = async (folder: string): Promise<Facts> => {
      signal.throwIfAborted();
      await mkdir(home, { recursive: true, mode: 0o700 });
      await makeVirtualEnvironment(context, folder);
      await installInto(context, folder, requirements);
      const sitePackages = await findSitePackages(folder);
      for (const file of await listStartFiles(join(folder, sitePackages))) onLine(`not executed: ${file}`);
      return { sitePackages, packages: await listPackages(join(folder, sitePackages)), python: facts.version };
    };
    try {
      const { folder, facts: built } = await untilAborted(
        signal,
        this.#folders.get(key, { timeoutMs: this.#options.timeoutMs, build }),
      );
      return toEnvironment(key, folder, built);
    } catch (error) {
      throw signal.aborted ? this.#stopped(signal.reason) : error;
    }
  }

  #keyOf(facts: PythonFacts, requirements: readonly Requirement[]): string {
    const { indexUrl, extraArgs, allowSourceBuilds } = this.#options;
    const wanted = requirements.map(({ text }) => text).sort();
    const text = JSON.stringify([LAYOUT, facts, wanted, indexUrl ?? '', extraArgs, allowSourceBuilds]);
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
  python: string;
}

/** Part of every key: raise it when an environment of an older version of this code must not be used. */
const LAYOUT = 1;

function toEnvironment(id: string, folder: string, { sitePackages, packages }: Facts): Environment {
  return { id, sitePackages: join(folder, sitePackages), packages };
}

/** `lib/python3.12/site-packages`; the middle differs between Pythons. */
async function findSitePackages(folder: string): Promise<string> {
  for (const name of await readdir(join(folder, 'lib'))) {
    const inside: string[] = await readdir(join(folder, 'lib', name)).catch(() => []);
    if (inside.includes('site-packages')) return join('lib', name, 'site-packages');
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
