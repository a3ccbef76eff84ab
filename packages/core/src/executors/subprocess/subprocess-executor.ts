import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CodeModeError } from '../../errors.ts';
import { kernelFolder } from '../../kernel-folder.ts';
import { ControlGroup } from '../control-group/control-group.ts';
import { reportGroup } from '../control-group/report-group.ts';
import type {
  Executor,
  ExecutorFeatures,
  IsolationReport,
  KernelEnvironment,
  KernelLimits,
  OpenKernelOptions,
} from '../executor.ts';
import { AllowList } from '../network/allow-list.ts';
import { NetworkProxy } from '../network/network-proxy.ts';
import { Zygote } from '../zygote/zygote.ts';
import { ZygoteKernel } from '../zygote/zygote-kernel.ts';
import { ZygoteSlot } from '../zygote/zygote-slot.ts';
import { checkOptions } from './check-options.ts';
import { findPython } from './find-python.ts';
import { reportIsolation } from './isolation.ts';
import { LocalZygote } from './local-zygote.ts';

/** Zygotes kept for environments that no session uses at the moment. */
const MAX_IDLE = 4;
const START_TIMEOUT_MS = 30_000;
const MAX_FRAME_BYTES = 256 * 1024 * 1024;
/** Native libraries that start threads on import would make forking unsafe. */
const SINGLE_THREADED = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };

export interface SubprocessExecutorOptions {
  /**
   * The interpreter, as a path or a name on `PATH`; Python 3.10 or newer, a virtual environment's too.
   * @defaultValue `$CODE_MODE_PYTHON`, else the first `python3` on `PATH`
   */
  python?: string;
  /** Packages imported once and shared by every session, e.g. `['pandas']`: a session then starts with them loaded. */
  preload?: string[];
  /** Environment variables Python sees. Nothing of the host's environment is passed on. `HOME` and `TMPDIR` name the session's private folder unless listed. */
  env?: Record<string, string>;
  /**
   * Working folder of the code. An absolute path is shared by all sessions and kept.
   * @defaultValue a private folder per kernel, removed with it
   */
  cwd?: string;
  /**
   * Limits of each kernel and of every process it starts. Where control groups can be made, `memoryBytes` and `processes`
   * bound the session as a whole besides; `cpus`, the processors that it may keep busy (0.5 is half of one), is theirs
   * alone. `isolation()` tells. @defaultValue none
   */
  limits?: KernelLimits & { cpus?: number };
  /**
   * What holds the code in. `auto` uses every layer that works here, `required` refuses to start when one does not, and
   * `none` leaves the code the rights of this process. `isolation()` tells which layers hold.
   * @defaultValue `auto`
   */
  isolation?: 'auto' | 'required' | 'none';
  /**
   * What of the network the code may use: `none`, `host` for the network of this machine, or `{ allow }` for the
   * destinations listed, each `host:port`. Those it reaches through an HTTP proxy in this process, which `HTTPS_PROXY` and
   * its like in Python's environment name; a name that leads to a private address is refused. Without isolation it is
   * always the host's. @defaultValue `none`
   */
  network?: 'none' | 'host' | { allow: readonly string[] };
  /**
   * How kernels start: `fork` copies the zygote, `spawn` starts a new Python.
   * @defaultValue `auto`: fork where it is safe
   */
  startMethod?: 'auto' | 'fork' | 'spawn';
}

/**
 * Runs kernels as processes on this machine, forked from one Python process per environment (the zygote), each in a
 * sandbox of its own as far as this system has the layers for it. Ask `isolation()` what holds them in.
 */
export class SubprocessExecutor implements Executor {
  readonly name = 'subprocess';
  readonly features: ExecutorFeatures = {
    interrupt: true,
    workingFolder: true,
    environments: true,
    limits: { memory: true, cpu: true, fileSize: true, openFiles: true, processes: true },
  };
  readonly #options: SubprocessExecutorOptions;
  readonly #network: 'none' | 'host' | AllowList;
  /** By environment, the one used last at the end. */
  readonly #slots = new Map<string, ZygoteSlot>();
  /** Control groups on their way out. */
  readonly #removals = new Set<Promise<void>>();
  #python: Promise<string> | undefined;
  #kernelNumber = 0;
  #closed = false;

  constructor(options: SubprocessExecutorOptions = {}) {
    checkOptions(options);
    this.#options = options;
    const { network = 'none' } = options;
    this.#network = typeof network === 'object' ? new AllowList(network.allow) : network;
  }

  async isolation(): Promise<IsolationReport> {
    // Only a real kernel can tell what is in force: limits depend on the user, the system and its control groups.
    const { kernel, zygote, group } = await this.#openOne({}, true);
    await kernel.close();
    const { isolation = 'auto', limits = {} } = this.#options;
    const report = reportIsolation({
      isolation,
      network: this.#network,
      limits,
      inForce: kernel.limits,
      seen: kernel.layers,
      zygote,
    });
    return { ...report, limits: reportGroup(report.limits, limits, group) };
  }

  async open(options: OpenKernelOptions = {}): Promise<ZygoteKernel> {
    return (await this.#openOne(options, false)).kernel;
  }

  async #openOne(options: OpenKernelOptions, observe: boolean) {
    if (this.#closed)
      throw new CodeModeError('executor_closed', 'The executor is closed. Make a new SubprocessExecutor.');
    options.signal?.throwIfAborted();
    const slot = this.#slotOf(options);
    try {
      return await slot.use(async (zygote) => {
        const id = `k${++this.#kernelNumber}`;
        const made = zygote.ready.privateFolder === undefined;
        const scratch = zygote.ready.privateFolder ?? join(zygote.folder, id);
        if (made) await makeFolder(scratch);
        const group = new ControlGroup(this.#options.limits ?? {});
        return { zygote, group, kernel: await this.#openKernel(zygote, slot, group, { id, scratch, made, observe }) };
      });
    } catch (error) {
      // Its folder may be gone, and the socket in it: a fresh one has a folder of its own.
      if (slot.idle) await slot.close();
      throw error;
    }
  }

  python(): Promise<string> {
    // Looked for once: a launcher script has to be started for it, and all kernels shall have the same.
    this.#python ??= findPython(this.#options.python).catch((error: unknown) => {
      this.#python = undefined;
      throw error;
    });
    return this.#python;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#slots.values()].map((slot) => slot.close()));
    await Promise.all(this.#removals);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #slotOf({ environment, environmentsFolder }: OpenKernelOptions): ZygoteSlot {
    const seen = this.#options.isolation === 'none' ? undefined : environmentsFolder;
    const key = JSON.stringify([environment?.sitePackages, seen]);
    const forget = () => {
      if (this.#slots.get(key) === slot) this.#slots.delete(key);
    };
    const slot = this.#slots.get(key) ?? new ZygoteSlot(() => this.#startZygote(environment, seen), forget);
    this.#slots.delete(key);
    this.#slots.set(key, slot);
    const idle = [...this.#slots.values()].filter((other) => other !== slot && other.idle);
    for (const other of idle.slice(0, Math.max(0, idle.length - MAX_IDLE))) void other.close();
    return slot;
  }

  async #startZygote(environment: KernelEnvironment | undefined, seen: string | undefined): Promise<Zygote> {
    const { preload = [], env = {}, startMethod = 'auto', isolation = 'auto', cwd } = this.#options;
    const [network, listed] = [this.#network === 'host', typeof this.#network === 'object'];
    // What is not there cannot be shown, and will not be there later either.
    if (seen !== undefined) await mkdir(seen, { recursive: true }).catch(() => {});
    const readable = [kernelFolder(), environment?.sitePackages, seen].filter((path) => path !== undefined);
    const options = {
      role: 'zygote' as const,
      python: await this.python(),
      sitePackages: environment?.sitePackages ?? null,
      preload,
      startMethod,
      env: { ...(preload.length > 0 && SINGLE_THREADED), ...env },
      sandbox: isolation === 'none' ? null : { network, listed, readable, writable: cwd ? [cwd] : [] },
    };
    const zygote = await Zygote.start((address) => new LocalZygote({ ...options, ...address }));
    if (isolation === 'required') await refuseMissingLayers(zygote, network);
    if (listed) await refuseSharedNetwork(zygote);
    return zygote;
  }

  #removeGroup(group: ControlGroup): void {
    const removal = group.remove().finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  #openKernel(
    zygote: Zygote,
    slot: ZygoteSlot,
    group: ControlGroup,
    { id, scratch, made, observe }: { id: string; scratch: string; made: boolean; observe: boolean },
  ): Promise<ZygoteKernel> {
    const removeScratch = () => void rm(scratch, { recursive: true, force: true }).catch(() => {});
    return ZygoteKernel.open(zygote, {
      id,
      cwd: this.#options.cwd ?? scratch,
      privateFolder: scratch,
      observe,
      network: typeof this.#network === 'object' ? new NetworkProxy(this.#network) : undefined,
      env: { HOME: scratch, TMPDIR: scratch, ...this.#options.env },
      limits: kernelLimits(this.#options.limits ?? {}, made && group.enforced.processes !== undefined),
      group,
      maxFrameBytes: MAX_FRAME_BYTES,
      startTimeoutMs: START_TIMEOUT_MS,
      onGone: () => {
        if (made) removeScratch();
        this.#removeGroup(group);
        slot.release();
      },
    });
  }
}

/** @throws CodeModeError `kernel_start_failed` */
async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((cause: Error) => {
    const message = `A kernel could not start: its private folder could not be made (${cause.message}).`;
    throw new CodeModeError('kernel_start_failed', message, { cause });
  });
}

/** An allow-list takes a network of the kernel's own; in the host's nothing would hold it. */
async function refuseSharedNetwork(zygote: Zygote): Promise<void> {
  const reason = zygote.ready.missingLayers?.namespaces;
  if (reason === undefined) return;
  await zygote.close();
  throw new CodeModeError(
    'isolation_unavailable',
    `SubprocessExecutor: network.allow takes the layer namespaces, which this system lacks: ${reason}.`,
    { details: { missing: { namespaces: reason } } },
  );
}

/** What the kernel sees to itself. Outside of a sandbox it cannot count the processes of one session; a group can. */
function kernelLimits(
  { cpus: _, ...limits }: KernelLimits & { cpus?: number },
  countsProcesses: boolean,
): KernelLimits {
  const { processes: __, ...others } = limits;
  return countsProcesses ? others : limits;
}

async function refuseMissingLayers(zygote: Zygote, network: boolean): Promise<void> {
  const missing = Object.entries(zygote.ready.missingLayers ?? {}).filter(
    ([layer]) => !(layer === 'network' && network),
  );
  if (missing.length === 0) return;
  await zygote.close();
  const reasons = missing.map(([layer, reason]) => `${layer}: ${reason}.`).join(' ');
  throw new CodeModeError(
    'isolation_unavailable',
    `SubprocessExecutor: isolation is required, and this system lacks a layer. ${reasons}`,
    { details: { missing: Object.fromEntries(missing) } },
  );
}
