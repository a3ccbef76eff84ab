import type { ActiveRun } from './active-run.ts';
import type { SessionEvent } from './events.ts';
import type { Executor, Kernel, KernelEnvironment, KernelExit, OpenKernelOptions } from './executors/executor.ts';
import type { SessionLimits } from './limits.ts';
import type { KnownTools } from './namespaces/session-tools.ts';
import { streamedBytes } from './run-output.ts';
import type { EnvironmentUpdateMessage, KernelToHostMessage, ToolsUpdateMessage } from './wire/messages.ts';

export interface SessionKernelOptions {
  sessionId: string;
  executor: Executor | undefined;
  limits: SessionLimits;
  namespaces(): string[];
  /** The tools known now. */
  knownTools(): KnownTools;
  /** The tools that Python must know of before it runs the code. */
  toolsFor(code: string): Promise<KnownTools>;
  /** Installs what the session requires. Never throws. */
  environment(): Promise<KernelEnvironment | undefined>;
  /** Where later ones appear. */
  environmentsFolder(executor: Executor): string;
  emit(event: SessionEvent): void;
  /** The run in progress, if it has this id. */
  run(runId: string | null): ActiveRun | undefined;
  activeRun(): ActiveRun | undefined;
  /** Whether this is a run of the session, be it one that has ended. */
  knows(runId: string): boolean;
}

/** The kernel of a session: opened when a run needs it, replaced after a crash, its messages routed to their run. */
export class SessionKernel {
  readonly #options: SessionKernelOptions;
  #kernel: Kernel | undefined;
  /** CPU time of the kernel when its last run ended, in ms. */
  #cpuMs = 0;
  /** What the kernel was told. */
  #known: KnownTools | undefined;
  #opening: Promise<Kernel> | undefined;
  #stateLost = false;

  constructor(options: SessionKernelOptions) {
    this.#options = options;
  }

  /** Starts a run, on a fresh kernel when there is none. @throws CodeModeError when none can be had */
  async start(run: ActiveRun): Promise<void> {
    const loading = this.#options.toolsFor(run.code);
    // A failure is heard below; the kernel starts meanwhile.
    loading.catch(() => {});
    const kernel = this.#kernel ?? (await this.#openOnce());
    const tools = await loading;
    if (run.ended || kernel !== this.#kernel) return;
    const known = this.#known;
    if (tools.catalog !== known?.catalog || tools.late !== known.late) {
      this.#known = tools;
      kernel.send({ type: 'tools-update', ...wireTools(tools) });
    }
    const stateLost = this.#stateLost;
    this.#stateLost = false;
    run.start(kernel, this.#cpuMs, stateLost);
  }

  /** Lets the executor get ready for the kernel that a run will open. Never rejects. */
  async warmUp(): Promise<void> {
    const { executor, options } = await this.#place();
    await executor.warmUp?.(options);
  }

  /** Gives the live kernel other packages; one that is about to start gets them when it has. */
  updateEnvironment(message: EnvironmentUpdateMessage): void {
    if (this.#kernel) this.#kernel.send(message);
    else if (this.#opening) void this.#opening.then((kernel) => kernel.send(message)).catch(() => {});
  }

  /** Called when a run has ended. An interrupt that was on its way has landed before the next run starts. */
  async settle(run: ActiveRun): Promise<void> {
    this.#cpuMs = run.cpuMs;
    await run.interruptDelivered;
  }

  /** Ends the kernel on purpose: the next one has lost nothing. */
  async reset(): Promise<void> {
    await this.#opening?.catch(() => {});
    const kernel = this.#kernel;
    this.#kernel = undefined;
    await kernel?.close();
    this.#stateLost = false;
  }

  /** Two runs may ask while one kernel starts: the first was aborted meanwhile. */
  #openOnce(): Promise<Kernel> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(): Promise<Kernel> {
    const { executor, options } = await this.#place();
    const kernel = await executor.open(options);
    kernel.listener = {
      message: (message, attachment) => this.#receive(kernel, message, attachment),
      output: (stream, bytes) => {
        if (kernel === this.#kernel) this.#options.activeRun()?.rawOutput(stream, bytes);
      },
      exit: (exit) => this.#exited(kernel, exit),
    };
    this.#kernel = kernel;
    this.#cpuMs = 0;
    const { resultBytes } = this.#options.limits;
    const outputBytes = streamedBytes(this.#options.limits);
    this.#known = this.#options.knownTools();
    kernel.send({
      type: 'session-start',
      sessionId: this.#options.sessionId,
      namespaces: this.#options.namespaces(),
      ...wireTools(this.#known),
      outputBytes,
      resultBytes,
    });
    this.#options.emit({ type: 'kernel-start', pythonVersion: kernel.pythonVersion, pid: kernel.pid });
    return kernel;
  }

  /** Where the kernel is to be opened, and with what. */
  async #place(): Promise<{ executor: Executor; options: OpenKernelOptions }> {
    const executor = this.#options.executor ?? (await sharedExecutor());
    const environment = await this.#options.environment();
    const environmentsFolder = this.#options.environmentsFolder(executor);
    return { executor, options: { ...(environment && { environment }), environmentsFolder } };
  }

  #receive(kernel: Kernel, message: KernelToHostMessage, attachment: Uint8Array | undefined): void {
    if (kernel !== this.#kernel || message.type === 'kernel-ready' || message.type === 'analysis') return;
    const run = this.#options.run(message.runId);
    if (run) {
      run.message(message, attachment);
    } else if (message.type === 'call-start') {
      const error = { kind: 'cancelled' as const, message: 'The run this call belongs to has ended.' };
      kernel.send({ type: 'call-end', callId: message.callId, error });
    } else if (message.type === 'run-output' && this.#options.knows(message.runId)) {
      const { runId, stream, text } = message;
      this.#options.emit({ type: 'output', runId, stream, text, late: true });
    }
  }

  #exited(kernel: Kernel, exit: KernelExit): void {
    const message = exit.fault?.message;
    this.#options.emit({
      type: 'kernel-exit',
      ...(exit.exitCode !== undefined && { exitCode: exit.exitCode }),
      ...(exit.signal !== undefined && { signal: exit.signal }),
      ...(message !== undefined && { message }),
    });
    if (kernel !== this.#kernel) return;
    this.#kernel = undefined;
    this.#stateLost = true;
    this.#options.activeRun()?.kernelExited(exit);
  }
}

function wireTools({ catalog, late }: KnownTools): Pick<ToolsUpdateMessage, 'tools' | 'late'> {
  return { tools: catalog.signatures(), ...(late && { late }) };
}

let shared: Promise<Executor> | undefined;

/** Sessions without an executor of their own share one, and its zygote. */
export function sharedExecutor(): Promise<Executor> {
  shared ??= import('./executors/subprocess/index.ts').then(({ SubprocessExecutor }) => new SubprocessExecutor());
  return shared;
}
