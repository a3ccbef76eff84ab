import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { abortWith } from './abort-with.ts';
import { ActiveRun, type RunHost } from './active-run.ts';
import { analyseCode } from './analyse-code.ts';
import { CodeModeError } from './errors.ts';
import type { SessionEvent } from './events.ts';
import { Journal } from './journal.ts';
import { checkTimeout, resolveLimits, type SessionLimits } from './limits.ts';
import { ArtifactLibrary } from './namespaces/artifacts/artifact-library.ts';
import { SessionArtifacts } from './namespaces/artifacts/session-artifacts.ts';
import { SpilledOutputs } from './namespaces/artifacts/spilled-outputs.ts';
import { DepsNamespace } from './namespaces/deps-namespace.ts';
import { HostCaller } from './namespaces/host-caller.ts';
import type { Namespace } from './namespaces/namespace.ts';
import { SessionDeps } from './namespaces/session-deps.ts';
import type { SessionServices } from './namespaces/session-services.ts';
import { SessionTools } from './namespaces/session-tools.ts';
import { storedNamespaces } from './namespaces/stored-namespaces.ts';
import { ToolsNamespace } from './namespaces/tools-namespace.ts';
import { SessionWorkflows } from './namespaces/workflows/session-workflows.ts';
import { WorkflowLibrary } from './namespaces/workflows/workflow-library.ts';
import { runToEnd } from './policy/ask-for-decisions.ts';
import { visibleLine } from './prompts/visible-text.ts';
import type { Run, RunOptions } from './run.ts';
import type { RunResult } from './run-result.ts';
import { Embedder } from './search/embedder.ts';
import { SessionKernel, sharedExecutor } from './session-kernel.ts';
import type { SessionOptions } from './session-options.ts';
import { SessionRules } from './session-rules.ts';
import { analyseSource } from './source-analysis.ts';
import { MemoryStorage } from './storage/memory.ts';

/** Finished runs that `getRun` still finds. */
const KEPT_RUNS = 50;

/**
 * One conversation with one kernel: variables persist from run to run. Starts on first use; runs queue and are executed
 * one at a time.
 */
export class Session implements AsyncDisposable {
  readonly id: string = randomUUID();
  readonly limits: SessionLimits;
  /** The tools, for host code: list, search, describe, call. */
  readonly tools: SessionTools;
  /** The saved workflows of the storage, for host code: list, search, get, create, history, setTrust, invoke. */
  readonly workflows: SessionWorkflows;
  /** The artifacts of the storage, for host code. */
  readonly artifacts: SessionArtifacts;
  /** What was done, in all sessions of the storage; undefined when no journal is kept. */
  readonly journal: Journal | undefined;
  /** The installed packages, for host code: list, add, remove, sync. */
  readonly deps: SessionDeps;
  readonly #options: SessionOptions;
  readonly #host: Omit<RunHost, 'asyncContext'>;
  readonly #rules: SessionRules;
  readonly #namespaces: ReadonlyMap<string, Namespace>;
  readonly #kernel: SessionKernel;
  readonly #queue: ActiveRun[] = [];
  readonly #runs = new Map<string, ActiveRun>();
  #active: ActiveRun | undefined;
  /** Resets in progress: no run starts meanwhile, or it would start on the kernel that is being closed. */
  #resets = 0;
  #runCount = 0;
  #keepAlive: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  /** @throws CodeModeError `invalid_options` */
  constructor(options: SessionOptions = {}) {
    this.#options = options;
    // `tools` comes first in every list; its place is taken before the first run.
    const namespaces = new Map<string, Namespace>();
    this.#namespaces = namespaces;
    const storage = options.storage ?? new MemoryStorage();
    this.limits = resolveLimits(options.limits, storage.features.durable === 'no');
    const warn = (message: string) => this.#emit({ type: 'warning', message });
    const search = { embedder: options.embed && new Embedder(options.embed, storage), warn };
    const executor = async () => options.executor ?? (await sharedExecutor());
    this.#rules = new SessionRules(options, {
      sessionId: this.id,
      emit: (event) => this.#emit(event),
      analyseCode: async (code) => analyseCode(code, { executor: await executor() }),
    });
    this.tools = new SessionTools(options.tools ?? [], new HostCaller(this.#rules.calls), search);
    this.deps = new SessionDeps(options.deps, {
      storage,
      executor,
      emit: (event) => this.#emit(event),
      update: (message) => this.#kernel.updateEnvironment(message),
    });
    const services: SessionServices = {
      sessionId: this.id,
      storage,
      limits: this.limits,
      deps: new DepsNamespace(this.deps),
      workflows: options.workflows ?? {},
      search,
      emit: (event) => this.#emit(event),
      analyse: async (kind, source) => analyseSource(await executor(), kind, source),
    };
    const workflows = new WorkflowLibrary(services);
    this.workflows = new SessionWorkflows(workflows, this.id, (code, runOptions) => this.run(code, runOptions));
    for (const namespace of storedNamespaces(services, workflows)) namespaces.set(namespace.name, namespace);
    const artifacts = new ArtifactLibrary(services);
    this.artifacts = new SessionArtifacts(artifacts);
    const kept = options.storage !== undefined || options.journal !== undefined;
    this.journal =
      options.journal === false || !kept
        ? undefined
        : new Journal(storage, { sessionId: this.id, user: options.user, options: options.journal ?? {}, warn });
    const outputs = new SpilledOutputs(artifacts, services.emit);
    this.#host = {
      limits: this.limits,
      namespaces,
      rules: this.#rules.calls,
      emit: services.emit,
      saveOutput: (runId, text) => outputs.save(runId, text),
    };
    this.#kernel = new SessionKernel({
      sessionId: this.id,
      executor: options.executor,
      limits: this.limits,
      namespaces: () => this.namespaces,
      knownTools: () => this.tools.known,
      toolsFor: async (code) => {
        const known = await this.tools.forRun(code);
        namespaces.set('tools', new ToolsNamespace(known.catalog, this.id, known.late && this.tools));
        return known;
      },
      environment: () => this.deps.environment(),
      environmentsFolder: (executor) => this.deps.environmentsFolder(executor),
      emit: (event) => this.#emit(event),
      run: (runId) => (this.#active?.id === runId ? this.#active : undefined),
      activeRun: () => this.#active,
      knows: (runId) => this.#runs.has(runId),
    });
  }

  /** The namespaces Python has in this session. */
  get namespaces(): string[] {
    return ['tools', ...[...this.#namespaces.keys()].filter((name) => name !== 'tools')];
  }

  /** Whether nothing runs, waits for its turn or waits for an approval. */
  get idle(): boolean {
    return this.#active === undefined && this.#queue.length === 0;
  }

  /**
   * Runs code to its end. Calls that need approval go to `onApproval`; without it they are denied.
   * @throws CodeModeError `session_closed`, `invalid_options`, `kernel_start_failed`, `python_not_found`
   */
  async run(code: string, options?: RunOptions): Promise<RunResult> {
    return await runToEnd(this.#begin(code, options), this.#options);
  }

  /**
   * Begins a run, or queues it behind the one in progress, and returns at once. The primitive under `run()`, for
   * callers that decide approvals themselves.
   * @throws CodeModeError `session_closed`, `invalid_options`
   */
  begin(code: string, options: RunOptions = {}): Run {
    return this.#begin(code, options);
  }

  /**
   * Starts what Python comes from ahead of the first run, which then waits less. Resolves once that is on its way, and
   * never rejects: what goes wrong is told by the run.
   */
  async warmUp(): Promise<void> {
    if (!this.#closing) await this.#kernel.warmUp();
  }

  /** A run in progress or one of the last that ended: attach to it instead of running its code again. */
  getRun(runId: string): Run | undefined {
    return this.#runs.get(runId);
  }

  /** Stops the run in progress and starts over: the next run gets a fresh kernel. Queued runs stay queued. */
  async reset(): Promise<void> {
    this.#assertOpen();
    this.#resets++;
    try {
      this.#active?.abort('The session was reset.');
      await this.#active?.finished.catch(() => {});
      await this.#kernel.reset();
    } finally {
      this.#resets--;
      this.#pump();
    }
  }

  /** Stops every run, ends the kernel and closes the tool sources. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #begin(code: string, options: RunOptions = {}): ActiveRun {
    this.#assertOpen();
    if (typeof code !== 'string') {
      throw new CodeModeError(
        'invalid_options',
        `The code to run must be a string, got ${code === null ? 'null' : typeof code}.`,
      );
    }
    checkTimeout(options.timeoutMs);
    const id = `${this.id.slice(0, 8)}-r${++this.#runCount}`;
    const run = new ActiveRun(this.#hostOf(id, options), id, code, options.timeoutMs ?? this.limits.timeoutMs);
    run.trace?.endWith(run.finished);
    this.#remember(run);
    abortWith(run, options.signal);
    this.#queue.push(run);
    this.#pump();
    return run;
  }

  async #close(): Promise<void> {
    for (const run of [...this.#queue.splice(0), ...(this.#active ? [this.#active] : [])])
      run.abort('The session was closed.');
    this.deps.close();
    await this.#active?.finished.catch(() => {});
    await this.#kernel.reset();
    await this.tools.close();
    await this.journal?.close();
  }

  #pump(): void {
    if (this.#active || this.#resets > 0) return;
    let run = this.#queue.shift();
    while (run?.ended) run = this.#queue.shift();
    if (!run) {
      clearInterval(this.#keepAlive);
      this.#keepAlive = undefined;
      return;
    }
    // Kernels never keep Node alive; work in progress must.
    this.#keepAlive ??= setInterval(() => {}, 2 ** 30);
    this.#active = run;
    this.#execute(run);
  }

  #execute(run: ActiveRun): void {
    void run.finished
      .catch(() => {})
      .then(() => this.#kernel.settle(run))
      .then(() => {
        this.#active = undefined;
        this.#pump();
      });
    const admitted = this.#rules.admit(run);
    const starting = admitted
      ? admitted.then((isAdmitted) => (isAdmitted ? this.#kernel.start(run) : undefined))
      : this.#kernel.start(run);
    starting.catch((error: Error) => run.fail(error));
  }

  #remember(run: ActiveRun): void {
    this.#runs.set(run.id, run);
    if (this.#runs.size <= KEPT_RUNS) return;
    for (const [id, old] of this.#runs) {
      if (!old.ended) continue;
      this.#runs.delete(id);
      return;
    }
  }

  #assertOpen(): void {
    if (this.#closing) throw new CodeModeError('session_closed', 'The session is closed. Make a new Session.');
  }

  #hostOf(runId: string, run: RunOptions): RunHost {
    const here = AsyncLocalStorage.snapshot();
    const { context, asyncContext = () => here } = run;
    const emit = (event: SessionEvent) => {
      this.#emit(event);
      this.#tell(run, event);
    };
    return { ...this.#host, context, asyncContext, trace: this.#rules.trace(runId), emit };
  }

  #emit(given: SessionEvent): void {
    // A warning may quote what the code or a server wrote, and is what people log.
    const event = given.type === 'warning' ? { ...given, message: visibleLine(given.message) } : given;
    this.journal?.record(event);
    this.#tell(this.#options, event);
  }

  #tell(listener: { onEvent?(event: SessionEvent): void }, event: SessionEvent): void {
    try {
      listener.onEvent?.(event);
    } catch {
      // A listener's bug must not end a run.
    }
  }
}
