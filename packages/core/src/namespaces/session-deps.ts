import type { Environment, Environments } from '../deps/environments.ts';
import { installFailed } from '../deps/explain-failure.ts';
import type { InstalledPackage } from '../deps/installed-packages.ts';
import { type DepsOptions, environmentsFolder, type ResolvedDepsOptions, resolveDepsOptions } from '../deps/options.ts';
import type { PackageInstaller } from '../deps/package-installer.ts';
import { checkName, parseRequirement, type Requirement } from '../deps/requirement.ts';
import { readRequirements } from '../deps/requirements-document.ts';
import type { RequirementsFile } from '../deps/requirements-file.ts';
import { CodeModeError } from '../errors.ts';
import type { SessionEvent } from '../events.ts';
import type { Executor, KernelEnvironment } from '../executors/executor.ts';
import type { Storage } from '../storage/storage.ts';
import type { EnvironmentUpdateMessage } from '../wire/messages.ts';

/** What a change of the packages came to. Packages are written as `six==1.17.0`. */
export interface DepsChange {
  /** What the session has now and had not before, with what it needs itself. */
  installed: string[];
  /** What the session had and has no more, older versions included. */
  removed: string[];
  /** What was asked for and there already. */
  alreadyPresent: string[];
  /** All requirements of the store. */
  requirements: string[];
  /** Lines of the store's `requirements.txt` that are not installed: options, URLs, names that `deps.allow` lacks. */
  ignored: string[];
}

export interface SessionDepsHost {
  storage: Storage;
  executor(): Promise<Executor>;
  emit(event: SessionEvent): void;
  /** Tells the live kernel, when there is one. */
  update(message: EnvironmentUpdateMessage): void;
}

/** Who asks, and how to stop it. */
export interface ChangeOptions {
  signal?: AbortSignal;
}

/** The packages of a session, for host code: what its store requires, installed into an environment of its own. */
export class SessionDeps {
  readonly options: ResolvedDepsOptions;
  readonly #host: SessionDepsHost;
  #environments: Promise<Environments> | undefined;
  readonly #closing = new AbortController();
  /** What the kernel has, or will have when it starts. */
  #current: Environment | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @throws CodeModeError `invalid_options` */
  constructor(options: DepsOptions | undefined, host: SessionDepsHost) {
    this.options = resolveDepsOptions(options, host.storage);
    this.#host = host;
  }

  /** The store's requirements, in one spelling. */
  async list(): Promise<string[]> {
    const { file } = await readRequirements(this.#host.storage);
    return file.requirements.map(({ text }) => text);
  }

  /**
   * Adds requirements, e.g. `pandas>=2,<3`; each takes the place of the one with its name. They import at once, here and
   * in every later session on this store. When one cannot be installed, nothing is added.
   * @throws CodeModeError `invalid_requirement`, `dependency_refused`, `install_failed`, `unsupported_feature`
   */
  async add(requirements: string | readonly string[], options: ChangeOptions = {}): Promise<DepsChange> {
    const added = this.check(requirements);
    return this.#change(
      (file) => file.with(added),
      added.map(({ name }) => name),
      options,
    );
  }

  /**
   * Removes requirements by name. What nothing else needs is gone from the path at once.
   * @throws CodeModeError `invalid_requirement`, `install_failed`, `unsupported_feature`
   */
  async remove(names: string | readonly string[], options: ChangeOptions = {}): Promise<DepsChange> {
    const gone = [names].flat().map(checkName);
    return this.#change((file) => gone.reduce((left, name) => left.without(name), file), [], options);
  }

  /** Installs what the store requires and this session has not, because somebody else added it. */
  async sync(options: ChangeOptions = {}): Promise<DepsChange> {
    return this.#change((file) => file, undefined, options);
  }

  /** Whether these are required already, so that `ensure` would change nothing in the store. */
  async has(requirements: readonly Requirement[]): Promise<boolean> {
    const { file } = await readRequirements(this.#host.storage);
    return file.including(requirements).toString() === file.toString();
  }

  /** Adds what is missing and narrows what is too wide; nothing that others rely on is loosened. */
  async include(requirements: readonly Requirement[], options: ChangeOptions = {}): Promise<DepsChange> {
    return this.#change((file) => file.including(requirements), [], options);
  }

  /** @throws CodeModeError `invalid_requirement`, `dependency_refused` */
  check(requirements: string | readonly string[]): Requirement[] {
    const parsed = [requirements].flat().map(parseRequirement);
    const { allow } = this.options;
    const refused = parsed.find(({ name }) => allow?.has(name) === false);
    if (refused === undefined) return parsed;
    const allowed = [...(allow as ReadonlySet<string>)].join(', ') || 'none';
    throw new CodeModeError(
      'dependency_refused',
      `The package ${refused.name} is not allowed here (deps.allow). Allowed: ${allowed}.`,
      {
        details: { name: refused.name },
      },
    );
  }

  /**
   * The environment for a new kernel. A session whose packages cannot be installed starts without them, with a warning:
   * one bad line in a shared store must not end every session on it.
   */
  async environment(): Promise<KernelEnvironment | undefined> {
    return this.#serial(async () => {
      this.#current = undefined;
      const executor = await this.#host.executor();
      if (!executor.features.environments) return undefined;
      try {
        const { file } = await readRequirements(this.#host.storage);
        this.#current = await this.#build(file, executor, {});
      } catch (error) {
        if (this.#closing.signal.aborted) return undefined;
        const why = error instanceof Error ? error.message : String(error);
        this.#host.emit({ type: 'warning', message: `The session starts without its packages. ${why}` });
      }
      return this.installed;
    });
  }

  /** Where the environments of this session are, and will be, with this executor. */
  environmentsFolder({ installer }: Executor): string {
    return environmentsFolder(this.options, installer?.folder);
  }

  /** What the kernel should have now. */
  get installed(): KernelEnvironment | undefined {
    return this.#current && { sitePackages: this.#current.sitePackages };
  }

  /** Ends every installation in progress. */
  close(): void {
    this.#closing.abort(installFailed('cancelled', 'the session was closed.'));
  }

  #change(
    edit: (file: RequirementsFile) => RequirementsFile,
    asked: string[] | undefined,
    options: ChangeOptions,
  ): Promise<DepsChange> {
    return this.#serial(async () => {
      const executor = await this.#host.executor();
      if (!executor.features.environments) throw unsupported(executor);
      for (;;) {
        const stored = await readRequirements(this.#host.storage);
        const next = edit(stored.file);
        const environment = await this.#build(next, executor, options);
        if (next.toString() !== stored.file.toString() && !(await stored.replace(next))) continue;
        return this.#switch(environment, next, asked);
      }
    });
  }

  /** The installers start processes and need more code, which most sessions never use. */
  #installing(executor: Executor): Promise<Environments> {
    const make = async () => {
      const installer = executor.installer ?? (await localInstaller(executor));
      return new (await import('../deps/environments.ts')).Environments(this.options, installer);
    };
    this.#environments ??= make().catch((error: unknown) => {
      this.#environments = undefined;
      throw error;
    });
    return this.#environments;
  }

  async #build(
    file: RequirementsFile,
    executor: Executor,
    { signal }: ChangeOptions,
  ): Promise<Environment | undefined> {
    const requirements = this.#installable(file);
    if (requirements.length === 0) return undefined;
    const environments = await this.#installing(executor);
    const limit = AbortSignal.timeout(this.options.timeoutMs);
    return environments.ensure({
      requirements,
      signal: AbortSignal.any([limit, this.#closing.signal, ...(signal ? [signal] : [])]),
      onLine: (line) =>
        this.#host.emit({ type: 'deps-progress', requirements: requirements.map(({ text }) => text), line }),
    });
  }

  #switch(next: Environment | undefined, file: RequirementsFile, asked: string[] | undefined): DepsChange {
    const before = this.#current?.packages ?? [];
    const after = next?.packages ?? [];
    const [had, has] = [new Set(before.map(spell)), new Set(after.map(spell))];
    if (next?.id !== this.#current?.id) {
      this.#current = next;
      this.#host.update({
        type: 'environment-update',
        sitePackages: next?.sitePackages ?? null,
        changed: before
          .filter((item) => !has.has(spell(item)) || !sameModules(item, after))
          .flatMap(({ modules }) => modules),
      });
    }
    const kept = after.filter((item) => had.has(spell(item)) && (asked?.includes(item.name) ?? true));
    return {
      installed: [...has].filter((item) => !had.has(item)),
      removed: [...had].filter((item) => !has.has(item)),
      alreadyPresent: kept.map(spell),
      requirements: file.requirements.map(({ text }) => text),
      ignored: [...file.ignored, ...file.requirements.filter((item) => !this.#isAllowed(item)).map(({ text }) => text)],
    };
  }

  #installable(file: RequirementsFile): Requirement[] {
    return file.requirements.filter((requirement) => this.#isAllowed(requirement));
  }

  #isAllowed({ name }: Requirement): boolean {
    return this.options.allow?.has(name) ?? true;
  }

  /** One change after the other: each starts from what the one before has made. */
  #serial<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(task);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

/** @throws CodeModeError `python_not_found`, `unsupported_feature` */
async function localInstaller(executor: Executor): Promise<PackageInstaller> {
  const python = await executor.python?.();
  if (python === undefined) throw unsupported(executor);
  return new (await import('../deps/local-installer.ts')).LocalInstaller(python);
}

function unsupported({ name }: Executor): CodeModeError {
  const message = `The executor '${name}' cannot install packages (features.environments). Use one that can, like SubprocessExecutor.`;
  return new CodeModeError('unsupported_feature', message);
}

function spell({ name, version }: InstalledPackage): string {
  return `${name}==${version}`;
}

function sameModules(item: InstalledPackage, packages: InstalledPackage[]): boolean {
  return packages.find(({ name }) => name === item.name)?.modules.join() === item.modules.join();
}
