import type { ActiveRun } from './active-run.ts';
import type { CodeFacts } from './code-facts.ts';
import type { SessionEvent } from './events.ts';
import type { HostCallerOptions } from './namespaces/host-caller.ts';
import { policyJudge } from './policy/policy-judge.ts';
import { RememberedApprovals } from './policy/remembered-approvals.ts';
import { RunGate } from './policy/run-gate.ts';
import type { SessionOptions } from './session-options.ts';
import { type RunTrace, Tracing } from './tracing.ts';

export interface SessionRulesHost {
  sessionId: string;
  emit(event: SessionEvent): void;
  /** @throws CodeModeError `invalid_source` for code that cannot be parsed */
  analyseCode(code: string): Promise<CodeFacts>;
}

/** What a session's options say about its runs and calls: policy, middleware, tracing. */
export class SessionRules {
  readonly calls: HostCallerOptions;
  readonly #gate: RunGate | undefined;

  /** @throws CodeModeError `invalid_options` */
  constructor(options: SessionOptions, { sessionId, emit, analyseCode }: SessionRulesHost) {
    const { policy: given, readOnly = false, middleware = [], tracing = false } = options;
    const policy = policyJudge({ policy: given, readOnly, warn: (message) => emit({ type: 'warning', message }) });
    const remembered = new RememberedApprovals();
    this.calls = {
      sessionId,
      policy,
      remembered,
      middleware: [...middleware],
      tracing: tracing ? new Tracing(sessionId) : undefined,
      emit,
    };
    this.#gate = policy?.judgesRuns ? new RunGate({ sessionId, policy, remembered, analyseCode }) : undefined;
  }

  /** Begins the span of a run, when there are spans. */
  trace(runId: string): RunTrace | undefined {
    return this.calls.tracing?.run(runId);
  }

  /**
   * Whether a run may start, or undefined when there is nothing to find out, which costs nothing.
   * @throws CodeModeError `invalid_options` when tracing cannot be had
   */
  admit(run: ActiveRun): Promise<boolean> | undefined {
    return run.trace === undefined && this.#gate === undefined ? undefined : this.#admit(run);
  }

  async #admit(run: ActiveRun): Promise<boolean> {
    await run.trace?.ready();
    return this.#gate === undefined || (await this.#gate.admit(run));
  }
}
