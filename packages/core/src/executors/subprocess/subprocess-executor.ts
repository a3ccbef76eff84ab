import { mkdir, rm } from 'node:fs/promises';
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
import type { NetworkProxy } from '../network/network-proxy.ts';
import { Zygote } from '../zygote/zygote.ts';
import { ZygoteKernel } from '../zygote/zygote-kernel.ts';
import { ZygoteSlot } from '../zygote/zygote-slot.ts';
import { checkOptions } from './check-options.ts';
import { findOnPath, findPython } from './find-python.ts';
import { nothingHolds, reportIsolation } from './isolation.ts';
import { LocalZygote } from './local-zygote.ts';
import { makePrivateFolder, type PrivateFolder } from './private-folder.ts';
import { refuseMissingLayers, refuseSharedNetwork } from './refuse-layers.ts';
import { type Seatbelt, trySeatbelt } from './seatbelt.ts';

/** Zygotes kept for environments that no session uses at the moment. */
const MAX_IDLE = 4;
const START_TIMEOUT_MS = 30_000;
const WINDOWS =
  'SubprocessExecutor does not run on Windows, where Python has no Unix sockets. Run this process in WSL, or in a Linux container.';
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
   * `none` leaves the code the rights of this process. Where it takes the system's `bwrap` to make namespaces, sessions
   * share one with `auto` and have one each with `required`. `isolation()` tells which layers hold.
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
  /** What macOS holds the zygotes with. */
  readonly #seatbelts = new WeakMap<Zygote, Seatbelt | undefined>();
  /** Control groups and zygotes on their way out. */
  readonly #endings = new Set<Promise<void>>();
  #python: Promise<string> | undefined;
  #kernelNumber = 0;
  /** Whether each session takes a zygote of its own, and those that have one. */
  #keepsApart = false;
  readonly #taken = new WeakSet<Zygote>();
  #closed = false;

  constructor(options: SubprocessExecutorOptions = {}) {
    checkOptions(options);
    this.#options = options;
    const { network = 'none' } = options;
    this.#network = typeof network === 'object' ? new AllowList(network.allow) : network;
  }

  async isolation(): Promise<IsolationReport> {
    if (process.platform === 'win32') return nothingHolds(WINDOWS, this.#options.limits ?? {});
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
      seatbelt: this.#seatbelts.get(zygote),
    });
    return { ...report, limits: reportGroup(report.limits, limits, group) };
  }

  async open(options: OpenKernelOptions = {}): Promise<ZygoteKernel> {
    return (await this.#openOne(options, false)).kernel;
  }

  async warmUp(options: OpenKernelOptions = {}): Promise<void> {
    if (!this.#closed) await this.#slotOf(options).warmUp();
  }

  async #openOne(options: OpenKernelOptions, observe: boolean) {
    if (this.#closed)
      throw new CodeModeError('executor_closed', 'The executor is closed. Make a new SubprocessExecutor.');
    if (process.platform === 'win32') throw new CodeModeError('kernel_start_failed', WINDOWS);
    options.signal?.throwIfAborted();
    for (;;) {
      const slot = this.#slotOf(options);
      try {
        const opened = await slot.use((zygote) => {
          // Only now it is known that bwrap is needed, and somebody else may have come first.
          if (this.#keepsApart && this.#taken.has(zygote)) return Promise.resolve(undefined);
          this.#taken.add(zygote);
          return this.#openIn(zygote, slot, observe);
        });
        if (opened) return opened;
      } catch (error) {
        // Its folder may be gone, and the socket in it: a fresh one has a folder of its own.
        if (slot.idle) await slot.close();
        throw error;
      }
    }
  }

  async #openIn(zygote: Zygote, slot: ZygoteSlot, observe: boolean) {
    try {
      const folder = await makePrivateFolder(zygote, `k${++this.#kernelNumber}`);
      const group = new ControlGroup(this.#options.limits ?? {});
      return { zygote, group, kernel: await this.#openKernel(zygote, slot, group, folder, observe) };
    } catch (error) {
      this.#taken.delete(zygote); // no code ran there
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
    await Promise.all(this.#endings);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #slotOf({ environment, environmentsFolder }: OpenKernelOptions): ZygoteSlot {
    const seen = this.#options.isolation === 'none' ? undefined : environmentsFolder;
    const shared = JSON.stringify([environment?.sitePackages, seen]);
    const key = this.#keepsApart ? this.#firstFree(shared) : shared;
    const forget = () => {
      if (this.#slots.get(key) === slot) this.#slots.delete(key);
    };
    const slot =
      this.#slots.get(key) ?? new ZygoteSlot((spawned) => this.#startZygote(environment, seen, spawned), forget);
    this.#slots.delete(key);
    this.#slots.set(key, slot);
    const idle = [...this.#slots.values()].filter((other) => other !== slot && other.idle);
    for (const other of idle.slice(0, Math.max(0, idle.length - MAX_IDLE))) void other.close();
    return slot;
  }

  /** The key of a slot that no session uses. */
  #firstFree(key: string): string {
    for (let number = 0; ; number++) {
      const own = number === 0 ? key : `${key} ${number}`;
      if (this.#slots.get(own)?.idle ?? true) return own;
    }
  }

  async #startZygote(
    environment: KernelEnvironment | undefined,
    seen: string | undefined,
    spawned: () => void,
  ): Promise<Zygote> {
    const { preload = [], env = {}, startMethod = 'auto', isolation = 'auto', cwd } = this.#options;
    const [network, listed] = [this.#network === 'host', typeof this.#network === 'object'];
    // What is not there cannot be shown, and will not be there later either.
    if (seen !== undefined) await mkdir(seen, { recursive: true }).catch(() => {});
    const readable = [kernelFolder(), environment?.sitePackages, seen].filter((path) => path !== undefined);
    const shown = { network, listed, readable, writable: cwd ? [cwd] : [] };
    const options = {
      role: 'zygote' as const,
      python: await this.python(),
      sitePackages: environment?.sitePackages ?? null,
      preload,
      startMethod,
      env: { ...(preload.length > 0 && SINGLE_THREADED), ...env },
      sandbox: isolation === 'none' ? null : { ...shown, bwrap: (await findOnPath(['bwrap'])) ?? null },
    };
    let seatbelt: Seatbelt | undefined;
    const zygote = await Zygote.start(async (address) => {
      if (process.platform === 'darwin' && isolation !== 'none')
        seatbelt = await trySeatbelt(options.python, { ...shown, socket: address.socket });
      const started = new LocalZygote({ ...options, ...address, wrapper: seatbelt?.command ?? [] });
      spawned();
      return started;
    });
    this.#seatbelts.set(zygote, seatbelt);
    if (isolation === 'required') {
      await refuseMissingLayers(zygote, network);
      // Nothing else holds sessions apart that share a bwrap.
      this.#keepsApart ||= zygote.ready.sharedFolder !== undefined;
    }
    if (listed) await refuseSharedNetwork(zygote);
    return zygote;
  }

  #awaitOnClose(end: Promise<void>): void {
    const ending = end.finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }

  async #openKernel(
    zygote: Zygote,
    slot: ZygoteSlot,
    group: ControlGroup,
    { id, path, madeBy }: PrivateFolder,
    observe: boolean,
  ): Promise<ZygoteKernel> {
    return ZygoteKernel.open(zygote, {
      id,
      cwd: this.#options.cwd ?? path,
      privateFolder: path,
      makesFolder: madeBy === 'kernel',
      observe,
      network: typeof this.#network === 'object' ? await proxyTo(this.#network) : undefined,
      env: { HOME: path, TMPDIR: path, ...this.#options.env },
      limits: kernelLimits(this.#options.limits ?? {}, madeBy !== 'sandbox' && group.enforced.processes !== undefined),
      group,
      maxFrameBytes: MAX_FRAME_BYTES,
      startTimeoutMs: START_TIMEOUT_MS,
      onGone: () => {
        if (madeBy === 'host') void rm(path, { recursive: true, force: true }).catch(() => {});
        this.#awaitOnClose(group.remove());
        if (this.#keepsApart) this.#awaitOnClose(slot.close());
        else slot.release();
      },
    });
  }
}

/** Node's HTTP takes as long to load as all the rest of a start, and few kernels have a way out. */
async function proxyTo(allow: AllowList): Promise<NetworkProxy> {
  const { NetworkProxy } = await import('../network/network-proxy.ts');
  return new NetworkProxy(allow);
}

/** What the kernel sees to itself. Outside of a sandbox it cannot count the processes of one session; a group can. */
function kernelLimits(
  { cpus: _, ...limits }: KernelLimits & { cpus?: number },
  countsProcesses: boolean,
): KernelLimits {
  const { processes: __, ...others } = limits;
  return countsProcesses ? others : limits;
}
