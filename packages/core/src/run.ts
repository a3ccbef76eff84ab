import type { ApprovalDecision, ApprovalRequest } from './approval.ts';
import type { SessionEvent } from './events.ts';
import type { RunResult } from './run-result.ts';

/** A run in progress, or one that has ended: the primitive under `session.run()`. */
export interface Run {
  readonly id: string;
  readonly code: string;
  /**
   * Waits until the run needs somebody or has ended. Python waits in place while requests are open, so a framework can
   * suspend here and come back, minutes later, with `decide`. Calling it again without deciding gives the same state.
   * @throws CodeModeError when the machinery broke, e.g. `kernel_start_failed`
   */
  settled(): Promise<RunState>;
  /**
   * Decides open requests, one or several, each once.
   * @throws CodeModeError `decision_not_pending`, `invalid_arguments` for what is no decision; then none is applied
   */
  decide(decisions: ApprovalDecision | ApprovalDecision[]): void;
  /** Stops the run, also while it waits in the queue. The result says `interrupted` with reason `aborted`. */
  abort(reason?: string): void;
}

export type RunState = { kind: 'approval'; requests: ApprovalRequest[] } | { kind: 'finished'; result: RunResult };

export interface RunOptions {
  /** Time Python may compute, in ms. @defaultValue `limits.timeoutMs` of the session */
  timeoutMs?: number;
  /** Aborts the run: Python is interrupted, calls in flight are told. */
  signal?: AbortSignal;
  /** Told what happens in this run, as it happens; `onEvent` of the session is told too. */
  onEvent?(event: SessionEvent): void;
  /** Handed to the tools this run calls, as `runContext`. */
  context?: unknown;
  /**
   * The async context for what this run does on the host, so that `AsyncLocalStorage` has there what belongs to the run.
   * Asked at each call.
   * @defaultValue the one in which the run is begun
   */
  asyncContext?(): AsyncContext;
}

/** Runs a function there: a snapshot of `AsyncLocalStorage`. */
export type AsyncContext = <T>(run: () => T) => T;
