/**
 * The wire protocol between the host (Node) and Python. The same rules open
 * `kernel/code_mode_kernel/wire.py`; `docs/protocol.md` explains them.
 *
 *  1. A frame is two unsigned 32-bit big-endian lengths, then that many bytes of UTF-8 JSON, then that many bytes of
 *     attachment. The JSON is one object with a string `type`. `{"$bytes": [offset, length]}` points into the
 *     attachment of the same frame. No pickle crosses.
 *  2. Python opens every connection and speaks first: `hello` with the protocol version, its role and its secret. A
 *     connection without a good `hello` is closed without an answer.
 *  3. One `zygote` connection per Python environment opens, interrupts and kills kernels and reports their exits.
 *     One `kernel` connection per session carries runs and calls. A kernel's `stdout` and `stderr` connections carry
 *     raw bytes after their `hello`: what C code and subprocesses write. A kernel that may reach some hosts has
 *     `network` connections besides: after their `hello` they are those of a client of an HTTP proxy.
 *  4. Ids belong to the side that opened the exchange: `runId` to the host, `callId` to the kernel.
 *  5. Exactly one `run-end` per `run-start`; exactly one `call-end` per `call-start`, unless its run ends first. A
 *     run's frames carry its `runId`; a frame of a run that has ended is dropped.
 *  6. End of file without `run-end` is a crash. Closing fails everything pending once, with the reason.
 *  7. The host treats every frame as untrusted: size cap, shape check, direction check. A bad frame ends the session
 *     with `protocol_error`.
 *  8. Adding an optional field keeps the version. Anything an older peer could misread raises it.
 */
export const PROTOCOL_VERSION = 1;

/** A JSON value in which `$`-keyed objects stand for what JSON cannot say; see `wire/values.ts`. */
export type WireValue = null | boolean | number | string | WireValue[] | { [key: string]: WireValue };

/** Kernel limits as the kernel and the zygote see them. Absent means unlimited. */
export interface WireKernelLimits {
  memoryBytes?: number;
  cpuSeconds?: number;
  fileBytes?: number;
  openFiles?: number;
  processes?: number;
}

/** One tool as the kernel's static check and proxies need it. Names are Python spellings. */
export interface WireToolSignature {
  /** Python path after `tools.`, e.g. `github.issues.list_`. */
  path: string;
  /** The name the host knows, e.g. `github.issues.list`. */
  name: string;
  /** `[pythonName, hostName, required]` for each parameter. */
  parameters: [string, string, boolean][];
  /** Whether arguments outside `parameters` are allowed. */
  open: boolean;
}

// Host -> zygote

export interface KernelOpenMessage {
  type: 'kernel-open';
  kernelId: string;
  /** One-use secret the new kernel presents in its `hello`s. */
  secret: string;
  cwd: string;
  /** The folder that this kernel alone may write. */
  privateFolder: string;
  /** Whether the kernel makes that folder, and the zygote removes it: where the host does not see it. */
  makesFolder?: true;
  env: Record<string, string>;
  limits: WireKernelLimits;
  /** Whether the kernel shall tell what holds it in. */
  observe?: true;
}
/** `interrupt` sends SIGINT to the kernel alone; `kill` sends SIGKILL to it and everything it started. */
export interface KernelSignalMessage {
  type: 'kernel-signal';
  requestId: number;
  kernelId: string;
  action: 'interrupt' | 'kill';
}
export interface KernelUsageMessage {
  type: 'kernel-usage';
  requestId: number;
  kernelId: string;
}
export type HostToZygoteMessage = KernelOpenMessage | KernelSignalMessage | KernelUsageMessage;

// Zygote -> host

export interface ZygoteReadyMessage {
  type: 'zygote-ready';
  pid: number;
  pythonVersion: string;
  /** `fork` copies the zygote; `spawn` starts a new Python per kernel because forking is not safe here. */
  startMethod: 'fork' | 'spawn';
  /** Why `spawn`. */
  reason?: string;
  preloaded: string[];
  /**
   * The layers of isolation that kernels will not have, each with the reason; in a container and in bwrap `sessions`,
   * too. Absent: none was asked for.
   */
  missingLayers?: Record<string, string>;
  /** A folder that each kernel has for itself. Absent: the host makes one for each, or each makes its own. */
  privateFolder?: string;
  /** Where each kernel makes its own: bwrap has made a root that all of them share. */
  sharedFolder?: string;
}
export interface KernelOpenedMessage {
  type: 'kernel-opened';
  kernelId: string;
  /** Absent where the zygote knows its kernels by other ids than the host does. */
  pid?: number;
}
/** Answers `kernel-signal`. After it the signal is pending in the kernel: nothing sent later can overtake it. */
export interface KernelSignalledMessage {
  type: 'kernel-signalled';
  requestId: number;
  delivered: boolean;
}
/** Answers `kernel-usage`. `cpuMs` counts the kernel process alone, as the kernel's own frames do. */
export interface KernelUsageReportMessage {
  type: 'kernel-usage-report';
  requestId: number;
  cpuMs?: number;
}
export interface KernelExitMessage {
  type: 'kernel-exit';
  kernelId: string;
  exitCode?: number;
  signal?: string;
  cpuMs: number;
  maxRssBytes: number;
  /** Why the kernel could not start, when it could not. */
  startError?: string;
}
export type ZygoteToHostMessage =
  | ZygoteReadyMessage
  | KernelOpenedMessage
  | KernelSignalledMessage
  | KernelUsageReportMessage
  | KernelExitMessage;

// Python -> host, first frame of every connection

export interface HelloMessage {
  type: 'hello';
  protocol: number;
  role: 'zygote' | 'kernel' | 'stdout' | 'stderr' | 'network';
  secret: string;
  kernelId?: string;
}

// Host -> kernel

export interface SessionStartMessage {
  type: 'session-start';
  sessionId: string;
  /** Names of the namespaces this session has, e.g. `["tools"]`. */
  namespaces: string[];
  tools: WireToolSignature[];
  /** There are tools that load late: `tools.load` returns the signatures of all. */
  late?: true;
  /** Bytes of output the kernel streams per run before it keeps only the tail. */
  outputBytes: number;
  /** Bytes an encoded result may have; a larger one crosses as a `$truncated` description. */
  resultBytes: number;
}
/** Replaces the kernel's tool signatures, between runs. */
export interface ToolsUpdateMessage {
  type: 'tools-update';
  tools: WireToolSignature[];
  late?: true;
}
/**
 * Replaces the folder of installed packages on Python's path. Takes effect when it is read, also by a call that waits:
 * it comes before the `call-end` of the call that made it necessary.
 */
export interface EnvironmentUpdateMessage {
  type: 'environment-update';
  /** `null` for none. */
  sitePackages: string | null;
  /** Importable names whose package is gone or has another version now. */
  changed: string[];
}
export interface RunStartMessage {
  type: 'run-start';
  runId: string;
  code: string;
}
/** Asks a kernel to parse source. Answered by one `analysis`; nothing of the source runs. */
export interface AnalyseMessage {
  type: 'analyse';
  requestId: number;
  kind: string;
  source: string;
}
export interface CallEndMessage {
  type: 'call-end';
  callId: number;
  result?: WireValue;
  error?: WireCallError;
}
export interface WireCallError {
  /** Which Python exception to raise; see `errors.py`. */
  kind: 'tool' | 'not-found' | 'arguments' | 'timeout' | 'denied' | 'limit' | 'cancelled' | 'namespace';
  message: string;
  details?: WireValue;
}
export type HostToKernelMessage =
  | SessionStartMessage
  | ToolsUpdateMessage
  | EnvironmentUpdateMessage
  | RunStartMessage
  | AnalyseMessage
  | CallEndMessage;

// Kernel -> host

export interface KernelReadyMessage {
  type: 'kernel-ready';
  pid: number;
  pythonVersion: string;
  /** Limits that are in force in this process. */
  limits: WireKernelLimits;
  /** The layers of isolation that hold it, each with what was seen of it. Answers `observe`. */
  layers?: Record<string, string>;
}
export interface RunOutputMessage {
  type: 'run-output';
  runId: string;
  stream: 'stdout' | 'stderr';
  text: string;
  /** Bytes of this stream left out just before `text`, once the run's output limit was reached. */
  omittedBytes?: number;
}
export interface RunDisplayMessage {
  type: 'run-display';
  runId: string;
  /** MIME type -> text, or base64 for binary types, as in Jupyter. */
  data: Record<string, string>;
  /** This display is the rich form of the run's result. */
  isResult?: boolean;
}
export interface CallStartMessage {
  type: 'call-start';
  /** `null` between runs: a thread that outlived its run. */
  runId: string | null;
  callId: number;
  namespace: string;
  /** The operation of the namespace: for `tools`, `call`, `list`, `search`, `describe` or `load`. */
  function: string;
  /** The tool's host name, for `tools.call`. */
  name?: string;
  arguments: { [key: string]: WireValue };
  /** Line of the run's code that made the call. */
  line?: number;
  /** CPU time of the kernel process so far. */
  cpuMs: number;
}
/** The code gave up waiting for a call, e.g. `asyncio.wait_for` ran out. Its `call-end` still comes, and is dropped. */
export interface CallCancelMessage {
  type: 'call-cancel';
  runId: string | null;
  callId: number;
}
export interface AnalysisMessage {
  type: 'analysis';
  requestId: number;
  result?: WireValue;
  /** Why the source could not be parsed, in a sentence. */
  error?: string;
}
export interface RunEndMessage {
  type: 'run-end';
  runId: string;
  status: 'completed' | 'failed' | 'interrupted';
  result?: WireValue;
  error?: WireProgramError;
  cpuMs: number;
}
export interface WireProgramError {
  name: string;
  message: string;
  traceback: string;
  line?: number;
}
export type KernelToHostMessage =
  | KernelReadyMessage
  | RunOutputMessage
  | RunDisplayMessage
  | CallStartMessage
  | CallCancelMessage
  | AnalysisMessage
  | RunEndMessage;
