import { mkdir, rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { CodeModeError } from '../../errors.ts';
import { kernelFolder } from '../../kernel-folder.ts';
import type {
  Executor,
  ExecutorFeatures,
  IsolationReport,
  KernelEnvironment,
  KernelLimits,
  OpenKernelOptions,
} from '../executor.ts';
import { Zygote } from '../zygote/zygote.ts';
import { ZygoteKernel } from '../zygote/zygote-kernel.ts';
import { ZygoteSlot } from '../zygote/zygote-slot.ts';
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
  /** Limits of each kernel and of every process it starts. @defaultValue none */
  limits?: KernelLimits;
  /**
   * What holds the code in. `auto` uses every layer that works here, `required` refuses to start when one does not, and
   * `none` leaves the code the rights of this process. `isolation()` tells which layers hold.
   * @defaultValue `auto`
   */
  isolation?: 'auto' | 'required' | 'none';
  /**
   * Whether the code may use the network: `none`, or `host` for the network of this machine. Without isolation it is
   * always the host's. @defaultValue `none`
   */
  network?: 'none' | 'host';
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
  /** By environment, the one used last at the end. */
  readonly #slots = new Map<string, ZygoteSlot>();
  #python: Promise<string> | undefined;
  #kernelNumber = 0;
  #closed = false;

  constructor(options: SubprocessExecutorOptions = {}) {
    checkOptions(options);
    this.#options = options;
  }

  async isolation(): Promise<IsolationReport> {
    // Only a real kernel can tell what is in force: limits depend on the user, the system and its control groups.
    const { kernel, zygote } = await this.#openOne({}, true);
    await kernel.close();
    const { isolation = 'auto', network = 'none', limits = {} } = this.#options;
    return reportIsolation({ isolation, network, limits, inForce: kernel.limits, seen: kernel.layers, zygote });
  }

  async open(options: OpenKernelOptions = {}): Promise<ZygoteKernel> {
    return (await this.#openOne(options, false)).kernel;
  }

  async #openOne(options: OpenKernelOptions, observe: boolean) {
    if (this.#closed)
      throw new CodeModeError('executor_closed', 'The executor is closed. Make a new SubprocessExecutor.');
    options.signal?.throwIfAborted();
    const slot = this.#slotOf(options);
    return slot.use(async (zygote) => ({ zygote, kernel: await this.#openKernel(zygote, slot, observe) }));
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
    const { preload = [], env = {}, startMethod = 'auto', isolation = 'auto', network, cwd } = this.#options;
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
      sandbox: isolation === 'none' ? null : { network: network === 'host', readable, writable: cwd ? [cwd] : [] },
    };
    const zygote = await Zygote.start((address) => new LocalZygote({ ...options, ...address }));
    if (isolation === 'required') await refuseMissingLayers(zygote, network);
    return zygote;
  }

  async #openKernel(zygote: Zygote, slot: ZygoteSlot, observe: boolean): Promise<ZygoteKernel> {
    const id = `k${++this.#kernelNumber}`;
    const made = zygote.ready.privateFolder === undefined;
    const scratch = zygote.ready.privateFolder ?? join(zygote.folder, id);
    if (made) await mkdir(scratch, { mode: 0o700 });
    const removeScratch = () => void rm(scratch, { recursive: true, force: true }).catch(() => {});
    return ZygoteKernel.open(zygote, {
      id,
      cwd: this.#options.cwd ?? scratch,
      privateFolder: scratch,
      observe,
      env: { HOME: scratch, TMPDIR: scratch, ...this.#options.env },
      limits: this.#options.limits ?? {},
      maxFrameBytes: MAX_FRAME_BYTES,
      startTimeoutMs: START_TIMEOUT_MS,
      onGone: () => {
        if (made) removeScratch();
        slot.release();
      },
    });
  }
}

async function refuseMissingLayers(zygote: Zygote, network: 'none' | 'host' | undefined): Promise<void> {
  const missing = Object.entries(zygote.ready.missingLayers ?? {}).filter(
    ([layer]) => !(layer === 'network' && network === 'host'),
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

function checkOptions({ cwd, limits = {}, preload = [], isolation, network }: SubprocessExecutorOptions): void {
  if (!['auto', 'required', 'none', undefined].includes(isolation)) {
    throw new CodeModeError(
      'invalid_options',
      `SubprocessExecutor: isolation must be 'auto', 'required' or 'none', got ${JSON.stringify(isolation)}.`,
    );
  }
  if (!['none', 'host', undefined].includes(network)) {
    throw new CodeModeError(
      'invalid_options',
      `SubprocessExecutor: network must be 'none' or 'host', got ${JSON.stringify(network)}.`,
    );
  }
  if (cwd !== undefined && !isAbsolute(cwd)) {
    throw new CodeModeError(
      'invalid_options',
      `SubprocessExecutor: cwd must be an absolute path, got ${JSON.stringify(cwd)}.`,
    );
  }
  for (const [name, value] of Object.entries(limits)) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0)) {
      throw new CodeModeError(
        'invalid_options',
        `SubprocessExecutor: limits.${name} must be a positive whole number, got ${String(value)}.`,
      );
    }
  }
  for (const name of preload) {
    if (!/^[A-Za-z_][\w.]*$/.test(name)) {
      throw new CodeModeError(
        'invalid_options',
        `SubprocessExecutor: preload takes module names, got ${JSON.stringify(name)}.`,
      );
    }
  }
}
