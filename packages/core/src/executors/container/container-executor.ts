import { chmod } from 'node:fs/promises';
import { CodeModeError } from '../../errors.ts';
import type { Executor, ExecutorFeatures, IsolationReport, KernelLimits, OpenKernelOptions } from '../executor.ts';
import { Zygote } from '../zygote/zygote.ts';
import { ZygoteKernel } from '../zygote/zygote-kernel.ts';
import { ZygoteSlot } from '../zygote/zygote-slot.ts';
import { KERNEL, SCRATCH } from './container-config.ts';
import { type ContainerExecutorOptions, type ResolvedContainerOptions, resolveOptions } from './container-options.ts';
import { ContainerZygote } from './container-zygote.ts';
import {
  askEngine,
  type ContainerEngine,
  type ContainerLibrary,
  type EngineContainer,
  type EngineInfo,
  loadEngine,
  reasonOf,
  startFailed,
  statusOf,
} from './engine.ts';
import { ensureImage } from './ensure-image.ts';
import { hostFacts } from './host-facts.ts';
import { pidsLimit, reportIsolation } from './isolation.ts';
import { removeLeftovers } from './leftovers.ts';

const START_TIMEOUT_MS = 30_000;
const ONCE = { stream: false, 'one-shot': true } as const;
const MAX_FRAME_BYTES = 256 * 1024 * 1024;
/** Native libraries that start threads on import would make forking unsafe. */
const SINGLE_THREADED = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };

/** How one container does. */
export interface ContainerHealth {
  containerId: string;
  /** As the engine calls it: `running`, `paused`, … */
  state: string;
  kernels: number;
  /** Memory and processes in use, as the engine counts them. */
  memoryBytes: number | undefined;
  processes: number | undefined;
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
    environments: false,
    limits: { memory: true, cpu: true, fileSize: true, openFiles: true, processes: true },
  };
  readonly #given: ContainerExecutorOptions;
  readonly #options: ResolvedContainerOptions;
  /** One for the executor, or one for each session. */
  readonly #slots = new Set<ZygoteSlot>();
  readonly #containers = new Map<Zygote, ContainerZygote>();
  /** Containers on their way out. */
  readonly #endings = new Set<Promise<void>>();
  #engine: Promise<ContainerEngine> | undefined;
  #isSwept = false;
  #kernelNumber = 0;
  #closed = false;

  /** @throws CodeModeError `invalid_options` */
  constructor(options: ContainerExecutorOptions = {}) {
    this.#given = options;
    this.#options = resolveOptions(options);
  }

  async isolation(): Promise<IsolationReport> {
    return this.#use(async (zygote, slot) => {
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

  async open({ environment, signal }: OpenKernelOptions = {}): Promise<ZygoteKernel> {
    signal?.throwIfAborted();
    if (environment) {
      throw new CodeModeError(
        'unsupported_feature',
        "ContainerExecutor takes packages from its image, not from the host's environments (features.environments).",
      );
    }
    return this.#use((zygote, slot) => this.#openKernel(zygote, slot, false));
  }

  async warmUp(): Promise<void> {
    // A container for one session alone is made with it.
    if (this.#closed || this.#options.share === 'session') return;
    void (this.#shared() ?? this.#makeSlot()).warmUp();
  }

  /** How the containers do that are up. */
  async health(): Promise<ContainerHealth[]> {
    const found = await Promise.all([...this.#containers].map(([zygote, { container }]) => lookAt(container, zygote)));
    return found.filter((health) => health !== undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const slot of this.#slots) this.#end(slot);
    await Promise.all(this.#endings);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #use<T>(task: (zygote: Zygote, slot: ZygoteSlot) => Promise<T>): Promise<T> {
    if (this.#closed)
      throw new CodeModeError('executor_closed', 'The executor is closed. Make a new ContainerExecutor.');
    const slot = this.#shared() ?? this.#makeSlot();
    try {
      return await slot.use((zygote) => task(zygote, slot));
    } catch (error) {
      if (this.#options.share === 'session') this.#end(slot);
      throw error;
    }
  }

  #shared(): ZygoteSlot | undefined {
    return this.#options.share === 'executor' ? [...this.#slots][0] : undefined;
  }

  #makeSlot(): ZygoteSlot {
    const slot: ZygoteSlot = new ZygoteSlot(
      () => this.#startZygote(),
      () => this.#slots.delete(slot),
    );
    this.#slots.add(slot);
    return slot;
  }

  #end(slot: ZygoteSlot): void {
    const ending = slot.close().finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }

  async #startZygote(): Promise<Zygote> {
    const { image, python, runtime, share, preload, env, limits, container, pull, isolation } = this.#options;
    const started = performance.now();
    const emit = this.#given.onEvent ?? (() => {});
    const outside = hostFacts();
    this.#engine ??= this.#given.docker
      ? Promise.resolve(this.#given.docker)
      : loadEngine(this.#given.load ?? importDockerode);
    const engine = await this.#engine;
    const info = await askEngine(engine);
    refuseRuntime(info, runtime);
    const withoutNests = whyNoNests(info);
    const imageVariables = await ensureImage(engine, image, pull, emit);
    let box: ContainerZygote | undefined;
    const zygote = await Zygote.start(async ({ socket, secret }) => {
      if (!this.#isSwept) {
        await removeLeftovers(engine, socket, (containerId) => emit({ type: 'leftover-remove', containerId }));
        this.#isSwept = true;
      }
      // Whoever can get there is kept out by the folder; in the container another user connects.
      await chmod(socket, 0o666);
      const config = {
        ...container,
        processes: pidsLimit(this.#options, withoutNests === undefined),
        ...{ image, python, runtime, withoutNests, socket, imageVariables, engine: info },
        env: { ...(preload.length > 0 && SINGLE_THREADED), ...env },
      };
      const sandbox = { network: false, readable: [KERNEL], writable: [], outside };
      const options = {
        ...{ secret, preload, sitePackages: null, startMethod: 'auto' as const, folder: SCRATCH },
        sandbox: { ...sandbox, ...(withoutNests && { withoutNests }), privateBytes: container.scratchBytes },
      };
      box = await ContainerZygote.start(engine, config, options, emit);
      return box;
    });
    const made = box as unknown as ContainerZygote;
    this.#containers.set(zygote, made);
    void made.exited.then(() => this.#containers.delete(zygote));
    if (isolation === 'required') await refuseMissingLayers(zygote, info, share);
    if (limits.processes !== undefined && share === 'executor') await refuseUncounted(zygote);
    const { pythonVersion } = zygote.ready;
    const durationMs = performance.now() - started;
    emit({ type: 'container-ready', containerId: made.container.id, pythonVersion, durationMs });
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

/** Nothing when it has ended meanwhile. */
async function lookAt(container: EngineContainer, { kernelCount }: Zygote): Promise<ContainerHealth | undefined> {
  try {
    const [{ State }, usage] = await Promise.all([container.inspect(), container.stats(ONCE)]);
    return {
      containerId: container.id,
      state: State.Status,
      kernels: kernelCount,
      memoryBytes: usage.memory_stats?.usage,
      processes: usage.pids_stats?.current,
    };
  } catch (error) {
    if (statusOf(error) === 404 || statusOf(error) === 409) return undefined;
    throw startFailed(`The container engine could not look at a container: ${reasonOf(error)}.`, error);
  }
}

function withoutProcesses({ processes: _, ...others }: KernelLimits): KernelLimits {
  return others;
}

function refuseRuntime({ Runtimes }: EngineInfo, runtime: string | undefined): void {
  if (runtime === undefined || !Runtimes || runtime in Runtimes) return;
  throw new CodeModeError(
    'isolation_unavailable',
    `The container engine has no runtime ${JSON.stringify(runtime)}; it has ${Object.keys(Runtimes).sort().join(', ')}. Add it to the engine's configuration, or leave \`runtime\` out.`,
  );
}

/** The profile that engines with AppArmor give to containers lets nobody mount. */
function whyNoNests({ SecurityOptions }: EngineInfo): string | undefined {
  if (!SecurityOptions?.some((option) => option.includes('apparmor'))) return undefined;
  return "the engine's AppArmor profile keeps programs from mounting. A container for each session (share: 'session') holds them apart";
}

async function refuseMissingLayers(zygote: Zygote, info: EngineInfo, share: 'executor' | 'session'): Promise<void> {
  const limits = { MemoryLimit: 'memory', PidsLimit: 'processes', CpuCfsQuota: 'cpu' } as const;
  const lacking = Object.entries(limits)
    .filter(([flag]) => info[flag as keyof typeof limits] === false)
    .map(([, name]) => [name, 'the engine lacks the control group'] as const);
  const inside = Object.entries(zygote.ready.missingLayers ?? {});
  const missing = [...inside.filter(([layer]) => layer !== 'sessions' || share === 'executor'), ...lacking];
  if (missing.length === 0) return;
  await zygote.close();
  throw new CodeModeError(
    'isolation_unavailable',
    `ContainerExecutor: isolation is required, and a layer is missing. ${missing.map(([name, why]) => `${name}: ${why}.`).join(' ')}`,
    { details: { missing: Object.fromEntries(missing) } },
  );
}

/** A limit that cannot be held for each session is not left out silently. */
async function refuseUncounted(zygote: Zygote): Promise<void> {
  if (zygote.ready.privateFolder !== undefined) return;
  await zygote.close();
  throw new CodeModeError(
    'isolation_unavailable',
    `ContainerExecutor: limits.processes needs namespaces for each session: ${zygote.ready.missingLayers?.sessions}.`,
  );
}

/** Here and not above, so that nobody else has to install it. */
async function importDockerode(): Promise<ContainerLibrary> {
  return (await import('dockerode')) as unknown as ContainerLibrary;
}
