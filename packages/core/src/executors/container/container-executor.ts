import { chmod } from 'node:fs/promises';
import { CodeModeError } from '../../errors.ts';
import type { Executor, ExecutorFeatures, IsolationReport, KernelLimits, OpenKernelOptions } from '../executor.ts';
import { Zygote } from '../zygote/zygote.ts';
import { ZygoteKernel } from '../zygote/zygote-kernel.ts';
import { ZygoteSlot } from '../zygote/zygote-slot.ts';
import { ENVIRONMENTS, KERNEL, NO_NETWORK, SCRATCH, SOCKET } from './container-config.ts';
import type { ContainerEvent } from './container-events.ts';
import { type ContainerHealth, lookAt, ONCE } from './container-health.ts';
import { ContainerInstaller, type InstallerPlace } from './container-installer.ts';
import { type ContainerExecutorOptions, type ResolvedContainerOptions, resolveOptions } from './container-options.ts';
import { ContainerZygote } from './container-zygote.ts';
import { askEngine, type ContainerEngine, type ContainerLibrary, type EngineInfo, loadEngine } from './engine.ts';
import { ensureImage } from './ensure-image.ts';
import { environmentsMount } from './environments-folder.ts';
import { hostFacts } from './host-facts.ts';
import { pidsLimit, reportIsolation } from './isolation.ts';
import { markFolder, removeLeftovers } from './leftovers.ts';
import { refuseMissingLayers, refuseRuntime, refuseUncounted, whyNoNests } from './refusals.ts';

const START_TIMEOUT_MS = 30_000;
const MAX_FRAME_BYTES = 256 * 1024 * 1024;
/** Native libraries that start threads on import would make forking unsafe. */
const SINGLE_THREADED = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };

/** The packages of one container: the environment that its kernels start with, and the host's folder of all of them. */
interface Packages {
  sitePackages?: string | undefined;
  folder?: string | undefined;
}

interface Place {
  engine: ContainerEngine;
  info: EngineInfo;
  imageId: string;
  imageVariables: string[];
}

/**
 * Runs kernels in containers of Docker or Podman on this machine: no network, read-only, no privileges, bounded. A
 * zygote in the container forks them, so a session in a container that is up takes milliseconds. Needs `dockerode`.
 */
export class ContainerExecutor implements Executor {
  readonly name = 'container';
  readonly features: ExecutorFeatures = {
    interrupt: true,
    workingFolder: true,
    environments: true,
    limits: { memory: true, cpu: true, fileSize: true, openFiles: true, processes: true },
  };
  readonly installer: ContainerInstaller;
  readonly #given: ContainerExecutorOptions;
  readonly #options: ResolvedContainerOptions;
  /** One for each environment, or one for each session; and what is mounted there. */
  readonly #slots = new Map<ZygoteSlot, Packages>();
  readonly #containers = new Map<Zygote, ContainerZygote>();
  /** Containers on their way out. */
  readonly #endings = new Set<Promise<void>>();
  #engine: Promise<ContainerEngine> | undefined;
  /** What the last container was made of. */
  #place: Place | undefined;
  #isSwept = false;
  #kernelNumber = 0;
  #closed = false;

  /** @throws CodeModeError `invalid_options` */
  constructor(options: ContainerExecutorOptions = {}) {
    this.#given = options;
    this.#options = resolveOptions(options);
    this.installer = new ContainerInstaller(
      () => this.#installerPlace(),
      (event) => this.#emit(event),
    );
  }

  async isolation(): Promise<IsolationReport> {
    return this.#use({}, async (zygote, slot) => {
      const kernel = await this.#openKernel(zygote, slot, true);
      const { container } = this.#containers.get(zygote) as ContainerZygote;
      const looks = Promise.all([container.inspect(), container.stats(ONCE)]);
      const [facts, usage] = await looks.finally(() => kernel.close());
      const { limits: inForce, layers: seen } = kernel;
      const nested = zygote.ready.privateFolder !== undefined;
      const { processes } = this.#options.limits;
      const counted = !nested && usage.pids_stats?.limit === pidsLimit(this.#options, nested);
      const byContainer = this.#options.share === 'session' && counted;
      return reportIsolation({
        options: this.#options,
        inForce: { ...inForce, ...(byContainer && processes !== undefined && { processes }) },
        seen,
        missing: zygote.ready.missingLayers ?? {},
        nested,
        container: facts,
        usage,
      });
    });
  }

  async open({ environment, environmentsFolder, signal }: OpenKernelOptions = {}): Promise<ZygoteKernel> {
    signal?.throwIfAborted();
    const sitePackages = environment?.sitePackages;
    if (sitePackages && !(environmentsFolder && sitePackages.startsWith(`${ENVIRONMENTS}/`))) {
      throw new CodeModeError(
        'unsupported_feature',
        `ContainerExecutor takes packages that its own installer put into environmentsFolder, got ${sitePackages}.`,
      );
    }
    return this.#use({ sitePackages, folder: environmentsFolder }, (zygote, slot) =>
      this.#openKernel(zygote, slot, false),
    );
  }

  async warmUp({ environment, environmentsFolder }: OpenKernelOptions = {}): Promise<void> {
    // A container for one session alone is made with it.
    if (this.#closed || this.#options.share === 'session') return;
    const packages = { sitePackages: environment?.sitePackages, folder: environmentsFolder };
    void (this.#findSlot(packages) ?? this.#makeSlot(packages)).warmUp();
  }

  /** How the containers do that are up. */
  async health(): Promise<ContainerHealth[]> {
    const found = await Promise.all([...this.#containers].map(([zygote, { container }]) => lookAt(container, zygote)));
    return found.filter((health) => health !== undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const slot of this.#slots.keys()) this.#end(slot);
    await Promise.all(this.#endings);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #use<T>(packages: Packages, task: (zygote: Zygote, slot: ZygoteSlot) => Promise<T>): Promise<T> {
    if (this.#closed)
      throw new CodeModeError('executor_closed', 'The executor is closed. Make a new ContainerExecutor.');
    const shared = this.#options.share === 'executor' ? this.#findSlot(packages) : undefined;
    const slot = shared ?? this.#makeSlot(packages);
    try {
      return await slot.use((zygote) => task(zygote, slot));
    } catch (error) {
      if (this.#options.share === 'session') this.#end(slot);
      throw error;
    }
  }

  /** Whoever names no folder will install nothing. */
  #findSlot({ sitePackages, folder }: Packages): ZygoteSlot | undefined {
    const fits = (has: Packages) => has.sitePackages === sitePackages && (folder ?? has.folder) === has.folder;
    return [...this.#slots].find(([, has]) => fits(has))?.[0];
  }

  #makeSlot(packages: Packages): ZygoteSlot {
    const slot: ZygoteSlot = new ZygoteSlot(
      () => this.#startZygote(packages),
      () => this.#slots.delete(slot),
    );
    this.#slots.set(slot, packages);
    return slot;
  }

  #end(slot: ZygoteSlot): void {
    const ending = slot.close().finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }

  #emit(event: ContainerEvent): void {
    this.#given.onEvent?.(event);
  }

  /** The engine and the image that the next container is made of. */
  async #prepare(): Promise<Place> {
    const { image, runtime, pull } = this.#options;
    this.#engine ??= this.#given.docker
      ? Promise.resolve(this.#given.docker)
      : loadEngine(this.#given.load ?? importDockerode);
    const engine = await this.#engine;
    const info = await askEngine(engine);
    refuseRuntime(info, runtime);
    const { id, variables } = await ensureImage(engine, image, pull, (event) => this.#emit(event));
    this.#place = { engine, info, imageId: id, imageVariables: variables };
    return this.#place;
  }

  /** Where packages for the container are installed that is there, or for the next one. */
  async #installerPlace(): Promise<InstallerPlace> {
    const { engine, info, imageId, imageVariables } = this.#place ?? (await this.#prepare());
    const { image, python, runtime, depsNetwork, container } = this.#options;
    const config = {
      ...container,
      ...{ image, imageId, python, runtime, imageVariables, engine: info, env: {}, network: depsNetwork },
      withoutNests: 'an installer runs no code of the model',
    };
    return { engine, config };
  }

  async #startZygote({ sitePackages, folder }: Packages): Promise<Zygote> {
    const { image, python, runtime, share, preload, env, limits, container, isolation } = this.#options;
    const started = performance.now();
    const outside = hostFacts();
    const { engine, info, imageId, imageVariables } = await this.#prepare();
    const withoutNests = whyNoNests(info);
    const environments = await environmentsMount(folder);
    let box: ContainerZygote | undefined;
    const zygote = await Zygote.start(async ({ socket, secret }) => {
      await markFolder(socket);
      if (!this.#isSwept) {
        await removeLeftovers(engine, socket, (containerId) => this.#emit({ type: 'leftover-remove', containerId }));
        this.#isSwept = true;
      }
      // Whoever can get there is kept out by the folder; in the container another user connects.
      await chmod(socket, 0o666);
      const config = {
        ...container,
        processes: pidsLimit(this.#options, withoutNests === undefined),
        ...{ image, imageId, python, runtime, withoutNests, socket, imageVariables, engine: info },
        network: NO_NETWORK,
        mounts: [{ source: socket, target: SOCKET }, ...environments],
        env: { ...(preload.length > 0 && SINGLE_THREADED), ...env },
      };
      const readable = [KERNEL, ...environments.map(({ target }) => target)];
      const sandbox = { network: false, readable, writable: [], outside };
      const options = {
        ...{ secret, preload, sitePackages: sitePackages ?? null, startMethod: 'auto' as const, folder: SCRATCH },
        sandbox: { ...sandbox, ...(withoutNests && { withoutNests }), privateBytes: container.scratchBytes },
      };
      box = await ContainerZygote.start(engine, config, options, (event) => this.#emit(event));
      return box;
    });
    const made = box as unknown as ContainerZygote;
    this.#containers.set(zygote, made);
    void made.exited.then(() => this.#containers.delete(zygote));
    if (isolation === 'required') await refuseMissingLayers(zygote, info, share);
    if (limits.processes !== undefined && share === 'executor') await refuseUncounted(zygote);
    const { pythonVersion } = zygote.ready;
    const durationMs = performance.now() - started;
    this.#emit({ type: 'container-ready', containerId: made.container.id, pythonVersion, durationMs });
    return zygote;
  }

  #openKernel(zygote: Zygote, slot: ZygoteSlot, observe: boolean): Promise<ZygoteKernel> {
    const id = `k${++this.#kernelNumber}`;
    const nestFolder = zygote.ready.privateFolder;
    const scratch = nestFolder ?? `${SCRATCH}/${id}`;
    const { limits, share, env } = this.#options;
    return ZygoteKernel.open(zygote, {
      id,
      cwd: scratch,
      privateFolder: scratch,
      makesFolder: nestFolder === undefined,
      observe,
      env: { HOME: scratch, TMPDIR: scratch, ...env },
      // Without namespaces of its own an rlimit would count the processes of all; the container counts its own.
      limits: nestFolder === undefined ? withoutProcesses(limits) : limits,
      maxFrameBytes: MAX_FRAME_BYTES,
      startTimeoutMs: START_TIMEOUT_MS,
      onGone: () => (share === 'session' ? this.#end(slot) : slot.release()),
    });
  }
}

function withoutProcesses({ processes: _, ...others }: KernelLimits): KernelLimits {
  return others;
}

/** Here and not above, so that nobody else has to install it. */
async function importDockerode(): Promise<ContainerLibrary> {
  return (await import('dockerode')) as unknown as ContainerLibrary;
}
