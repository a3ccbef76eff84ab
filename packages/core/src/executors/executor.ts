import type { PackageInstaller } from '../deps/package-installer.ts';
import type { HostToKernelMessage, KernelToHostMessage, WireKernelLimits } from '../wire/messages.ts';

/** Opens kernels somewhere and says how isolated they are. Holds nothing of a session. */
export interface Executor extends AsyncDisposable {
  readonly name: string;
  readonly features: ExecutorFeatures;
  /** Reports what holds a kernel in. Starts what it must to find out. */
  isolation(): Promise<IsolationReport>;
  /** @throws CodeModeError `kernel_start_failed`, `python_not_found`, `executor_closed` */
  open(options?: OpenKernelOptions): Promise<Kernel>;
  /**
   * Starts what kernels come from, so that the next one opens sooner. Resolves once that is on its way. Never rejects:
   * what goes wrong is told by `open`.
   */
  warmUp?(options?: OpenKernelOptions): Promise<void>;
  /**
   * The absolute path of the interpreter that its kernels run, on this machine. With `features.environments` an executor
   * has this or an `installer`.
   * @throws CodeModeError `python_not_found`
   */
  python?(): Promise<string>;
  /** Installs packages where kernels run something else than a Python of this machine. */
  readonly installer?: PackageInstaller;
  /** Ends every kernel and removes every file and socket. Safe to call twice. */
  close(): Promise<void>;
}

/** Declared features must work; undeclared ones must be refused with `unsupported_feature`. */
export interface ExecutorFeatures {
  /** An interrupt stops Python and keeps the variables. */
  interrupt: boolean;
  /** Each limit that can be enforced. */
  limits: { memory: boolean; cpu: boolean; fileSize: boolean; openFiles: boolean; processes: boolean };
  /** Files written in one run are there in the next. */
  workingFolder: boolean;
  /** Kernels can be opened on an environment of packages, and change it while they run. */
  environments: boolean;
}

export interface OpenKernelOptions {
  signal?: AbortSignal;
  /** @throws CodeModeError `unsupported_feature` from `open` without `features.environments` */
  environment?: KernelEnvironment;
  /** Where environments of the session may appear while the kernel lives: it must be able to read what is in there. */
  environmentsFolder?: string;
}

/** Installed packages that Python sees beside its own. */
export interface KernelEnvironment {
  /** The folder that goes on the path, as the kernel sees it, behind the standard library and before what is installed there already. */
  sitePackages: string;
}

/** One Python process that keeps its variables between runs, as a pair of message streams. It never keeps Node alive. */
export interface Kernel {
  readonly id: string;
  readonly pid: number | undefined;
  readonly pythonVersion: string;
  /** `taken` is called when this process holds the message no more: Python that does not read leaves it here. */
  send(message: HostToKernelMessage, attachment?: Uint8Array, taken?: () => void): void;
  /** Set once by the owner of the kernel, before the first `send`. */
  listener: KernelListener | undefined;
  /** Resolves once the signal is pending in the kernel; false when it could not be delivered. */
  interrupt(): Promise<boolean>;
  /** Kills the kernel and everything it started; resolves when they are gone. */
  kill(): Promise<void>;
  /** Ends the kernel politely, then by force. */
  close(): Promise<void>;
  /** CPU time used by the kernel process so far in ms; undefined when it cannot be told. */
  cpuTimeMs(): Promise<number | undefined>;
}

export interface KernelListener {
  message(message: KernelToHostMessage, attachment: Uint8Array | undefined): void;
  /** What C code and subprocesses wrote to file descriptors 1 and 2. */
  output(stream: 'stdout' | 'stderr', bytes: Uint8Array): void;
  /** The kernel is gone; called exactly once, last. */
  exit(exit: KernelExit): void;
}

export interface KernelExit {
  exitCode?: number;
  signal?: string;
  /** The limit that ended it, where the system tells. */
  limit?: keyof KernelLimits;
  cpuMs?: number;
  maxRssBytes?: number;
  /** `kernel_lost` when the zygote or the connection broke, `protocol_error` for a bad frame, else absent. */
  fault?: { code: 'kernel_lost' | 'protocol_error'; message: string };
}

/** Limits of one kernel. Absent means the executor's default. */
export type KernelLimits = WireKernelLimits;

export interface IsolationReport {
  /** `none`: the code can do what the user of the host process can do. */
  level: 'none' | 'partial' | 'full';
  layers: Record<string, IsolationLayer>;
  limits: Record<string, LimitReport>;
}
export interface IsolationLayer {
  state: 'on' | 'off' | 'unavailable';
  detail: string;
}
export interface LimitReport {
  value: number | undefined;
  enforced: boolean;
  detail: string;
}
