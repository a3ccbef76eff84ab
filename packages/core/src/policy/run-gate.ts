import { hash } from 'node:crypto';
import type { ApprovalRequest, MadeDecision } from '../approval.ts';
import type { CodeFacts } from '../code-facts.ts';
import type { SessionEvent } from '../events.ts';
import type { PolicyJudge } from './policy-judge.ts';
import type { RememberedApprovals } from './remembered-approvals.ts';

export interface RunGateOptions {
  sessionId: string;
  policy: PolicyJudge;
  remembered: RememberedApprovals;
  /** @throws CodeModeError `invalid_source` for code that cannot be parsed */
  analyseCode(code: string): Promise<CodeFacts>;
}

/** A run that has not started. */
export interface GatedRun {
  readonly id: string;
  readonly code: string;
  readonly context: unknown;
  readonly ended: boolean;
  ask(request: ApprovalRequest): Promise<MadeDecision>;
  emit(event: SessionEvent): void;
  deny(message: string): void;
}

/** Decides about runs before anything of them is executed. */
export class RunGate {
  readonly #options: RunGateOptions;

  constructor(options: RunGateOptions) {
    this.#options = options;
  }

  /** Whether the run may start. One that may not has been denied, or has ended. */
  async admit(run: GatedRun): Promise<boolean> {
    const { sessionId, policy, analyseCode } = this.#options;
    const { id: runId, code, context: runContext } = run;
    const codeSha256 = hash('sha256', code);
    let facts: Promise<CodeFacts> | undefined;
    const { outcome, reason } = await policy.judge({
      kind: 'run',
      sessionId,
      runId,
      ...(runContext !== undefined && { runContext }),
      code,
      codeSha256,
      facts: () => {
        facts ??= analyseCode(code);
        return facts;
      },
    });
    if (run.ended) return false;
    if (outcome === 'deny') {
      const why = reason ?? 'the policy of this session does not allow it.';
      run.emit({ type: 'policy-denial', runId, name: 'runCode', reason: why, codeSha256 });
      return this.#deny(run, why);
    }
    return outcome === 'allow' || (await this.#ask(run, codeSha256, reason));
  }

  async #ask(run: GatedRun, codeSha256: string, reason: string | undefined): Promise<boolean> {
    const { remembered } = this.#options;
    const approvable = { kind: 'run', name: 'runCode', binding: codeSha256 } as const;
    const known = remembered.find(approvable);
    if (known !== undefined) {
      run.emit({ type: 'approval-reuse', runId: run.id, name: 'runCode', requestId: known });
      return true;
    }
    const request: ApprovalRequest = {
      requestId: `${run.id}-a0`,
      runId: run.id,
      kind: 'run',
      toolName: 'runCode',
      arguments: { code: run.code },
      editable: false,
      codeSha256,
      ...(reason !== undefined && { reason }),
      requestedAt: Date.now(),
    };
    const decision = await run.ask(request);
    if (run.ended) return false;
    if (!decision.approved) return this.#deny(run, decision.message ?? 'somebody said no.');
    if (decision.scope === 'session') remembered.add(approvable, decision.requestId);
    return true;
  }

  #deny(run: GatedRun, reason: string): false {
    run.deny(`The code was denied, and nothing of it was executed: ${reason}`);
    return false;
  }
}
