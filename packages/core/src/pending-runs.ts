import { AsyncLocalStorage } from 'node:async_hooks';
import { hash } from 'node:crypto';
import type { ApprovalDecision, ApprovalRequest } from './approval.ts';
import { CodeModeError } from './errors.ts';
import type { SessionEvent } from './events.ts';
import type { Run } from './run.ts';
import type { RunResult } from './run-result.ts';
import type { Session } from './session.ts';
import { RunWatcher } from './stream-run.ts';

/** A run that waits for somebody: Python stands still in it until a step brings decisions. */
export interface PausedRun {
  status: 'approval-required';
  runId: string;
  /** How often it was resumed: 0 at its first pause. */
  round: number;
  requests: ApprovalRequest[];
  stdout: string;
  stderr: string;
}

/** One by one, or one for every request that the run paused with, and for no other; `approve` is a yes to them. */
export type Decisions = ApprovalDecision[] | Omit<ApprovalDecision, 'requestId'> | 'approve';

/** One step of a run; `CodeToolStepOptions` says what each means. */
export interface StepOptions {
  callId: string;
  decisions?: Decisions | undefined;
  turn?: object | undefined;
  phase?: 'ask' | 'execute' | undefined;
  keepPausedMs?: number | undefined;
  /** Aborts the run while this step is waited for; a paused run outlives the signal. */
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
  onEvent?: ((event: SessionEvent) => void) | undefined;
  /** After a resume the tools get that of the resume. */
  context: object;
}

const pools = new WeakMap<Session, PendingRuns>();
/** Calls that have ended and are remembered. */
const KEPT_CALLS = 1_000;

/** The runs of a session that frameworks step through, found again by the framework's id of the call. */
export class PendingRuns {
  readonly #session: Session;
  readonly #runs = new Map<string, PendingRun>();
  readonly #ended = new Set<string>();

  private constructor(session: Session) {
    this.#session = session;
  }

  static of(session: Session): PendingRuns {
    const known = pools.get(session) ?? new PendingRuns(session);
    pools.set(session, known);
    return known;
  }

  /** The run of a call, unless it has other code: then the framework uses the id again. */
  find(callId: string, code: string): PendingRun | undefined {
    const pending = this.#runs.get(callId);
    return pending?.run.code === code ? pending : undefined;
  }

  /** Whether a run of this call waits, or has waited and ended. */
  hasBegun(callId: string, code: string): boolean {
    return this.find(callId, code) !== undefined || this.#ended.has(callKey(callId, code));
  }

  /** Goes on with the run of this call, or begins it; to its next pause or its end. Code never runs twice for one call. */
  async step(pending: PendingRun, options: StepOptions): Promise<RunResult | PausedRun> {
    pending.attach(options);
    try {
      const outcome = await pending.next(options.signal);
      const isPaused = outcome.status === 'approval-required';
      if (isPaused) this.#refuseQueued();
      if (isPaused ? options.phase === 'execute' : options.phase !== 'ask') this.#forget(pending);
      // Nobody comes back with this call, but perhaps with another one that has the same code.
      if (isPaused && options.phase === 'execute') this.#keep(pending.run.id, pending);
      return outcome;
    } catch (error) {
      this.#forget(pending);
      throw error;
    }
  }

  /** @throws CodeModeError `run_not_found` when there must be a run; what `session.begin` throws */
  open(code: string, options: StepOptions): PendingRun {
    const { callId, decisions, turn, phase } = options;
    const known = this.find(callId, code);
    // A result that nobody fetched is not that of a later call with the same id.
    if (known && !(known.hasEnded && turn !== undefined && turn !== known.turn)) return known;
    if (decisions || phase === 'execute') throw runNotFound(callId);
    for (const pending of [...this.#runs.values()]) if (!this.#session.getRun(pending.run.id)) this.#forget(pending);
    const waiting = [...this.#runs.values()].find(({ isPaused }) => isPaused);
    const sameTurn = waiting !== undefined && turn !== undefined && waiting.turn === turn;
    if (waiting && !sameTurn) {
      this.#forget(waiting);
      if (waiting.run.code === code) return this.#keep(callId, waiting);
      waiting.run.abort('The conversation went on without a decision on this run.');
    }
    const pending = this.#keep(callId, new PendingRun(this.#session, code, options));
    if (sameTurn) pending.run.abort(REFUSED);
    return pending;
  }

  #keep(callId: string, pending: PendingRun): PendingRun {
    this.#runs.set(callId, pending);
    return pending;
  }

  #forget(pending: PendingRun): void {
    for (const [callId, known] of this.#runs) {
      if (known !== pending) continue;
      this.#runs.delete(callId);
      this.#ended.add(callKey(callId, pending.run.code));
    }
    const [oldest] = this.#ended;
    if (this.#ended.size > KEPT_CALLS && oldest !== undefined) this.#ended.delete(oldest);
  }

  /** A run behind a paused one would wait as long, and its framework with it, which then could not ask. */
  #refuseQueued(): void {
    for (const { hasBegun, run } of this.#runs.values()) if (!hasBegun) run.abort(REFUSED);
  }
}

const REFUSED = 'Another run of this session waits for an approval, so this code did not run. Run it again afterwards.';

function callKey(callId: string, code: string): string {
  return `${callId} ${hash('sha256', code)}`;
}

/** Thrown for a resume whose run is gone; `message` is also what a model is told. */
export function runNotFound(callId: string): CodeModeError {
  return new CodeModeError(
    'run_not_found',
    'The run that asked for this approval is gone (its process or its session has ended, or the conversation went on), so nothing was done: run the code again.',
    { details: { callId } },
  );
}

/** One run, from its first step to its result. */
class PendingRun {
  readonly run: Run;
  readonly turn: object | undefined;
  readonly watcher = new RunWatcher();
  readonly #keepPausedMs: number;
  readonly #context: Record<string, unknown> = {};
  #asyncContext = AsyncLocalStorage.snapshot();
  #onEvent: ((event: SessionEvent) => void) | undefined;
  #hasBegun = false;
  #hasEnded = false;
  #asked: ApprovalRequest[] = [];
  #round = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(session: Session, code: string, { timeoutMs, turn, keepPausedMs = 3_600_000 }: StepOptions) {
    this.turn = turn;
    this.#keepPausedMs = keepPausedMs;
    this.run = session.begin(code, {
      ...(timeoutMs !== undefined && { timeoutMs }),
      context: this.#context,
      asyncContext: () => this.#asyncContext,
      onEvent: (event) => this.#told(event),
    });
  }

  /** It has paused and nobody has decided since. */
  get isPaused(): boolean {
    return this.#asked.length > 0;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** It is not in the queue any more. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** From now on this call of the framework listens, and the tools see what it knows. A second yes decides nothing. */
  attach({ onEvent, context, decisions }: StepOptions): void {
    this.#onEvent = onEvent;
    this.#asyncContext = AsyncLocalStorage.snapshot();
    for (const key of Object.keys(this.#context)) delete this.#context[key];
    Object.assign(this.#context, context);
    if (decisions && this.isPaused) this.#decide(decisions);
  }

  async next(signal: AbortSignal | undefined): Promise<RunResult | PausedRun> {
    if (this.isPaused && !signal?.aborted) return this.#pause();
    const abort = () => this.run.abort();
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    try {
      const state = await this.run.settled();
      if (state.kind === 'finished') return state.result;
      this.#asked = state.requests;
      return this.#pause();
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  #pause(): PausedRun {
    clearTimeout(this.#timer);
    const giveUp = `Nobody decided on this run for ${this.#keepPausedMs} ms (keepPausedMs).`;
    this.#timer = setTimeout(() => this.run.abort(giveUp), this.#keepPausedMs);
    this.#timer.unref();
    const { stdout, stderr } = this.watcher.snapshot();
    return {
      status: 'approval-required',
      runId: this.run.id,
      round: this.#round,
      requests: this.#asked,
      stdout,
      stderr,
    };
  }

  #decide(decisions: Decisions): void {
    const asked = this.#asked;
    const same = decisions === 'approve' ? { approved: true } : decisions;
    const list = Array.isArray(same) ? same : asked.map(({ requestId }) => ({ ...same, requestId }));
    const unknown = list.find(({ requestId }) => !asked.some((request) => request.requestId === requestId));
    if (unknown) {
      const open = asked.map(({ requestId }) => requestId).join(', ');
      throw new CodeModeError(
        'decision_not_pending',
        `No approval request ${JSON.stringify(unknown.requestId)} is waiting (open: ${open}). Each request is decided once.`,
      );
    }
    if (list.length === 0) return;
    this.#decideOpen(list);
    clearTimeout(this.#timer);
    this.#asked = [];
    this.#round++;
  }

  /** A decision that came too late decides nothing: the result tells what became of the call. */
  #decideOpen(decisions: ApprovalDecision[]): void {
    try {
      this.run.decide(decisions);
    } catch (error) {
      if (!isNotPending(error)) throw error;
      if (decisions.length > 1) for (const decision of decisions) this.#decideOpen([decision]);
    }
  }

  #told(event: SessionEvent): void {
    if (event.type === 'run-start' || event.type === 'approval-request') this.#hasBegun = true;
    if (event.type === 'run-end') {
      this.#hasEnded = true;
      this.#asked = [];
      clearTimeout(this.#timer);
    }
    this.watcher.add(event);
    this.#onEvent?.(event);
  }
}

function isNotPending(error: unknown): boolean {
  return CodeModeError.isInstance(error) && error.code === 'decision_not_pending';
}
