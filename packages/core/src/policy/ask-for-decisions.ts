import type { ApprovalDecision, ApprovalRequest } from '../approval.ts';
import { CodeModeError } from '../errors.ts';
import type { Run } from '../run.ts';
import type { RunResult } from '../run-result.ts';

/** Who decides for a run that was started with `run()`. */
export interface Asked {
  onApproval?(
    requests: ApprovalRequest[],
    options: { signal: AbortSignal },
  ): ApprovalDecision[] | Promise<ApprovalDecision[]>;
}

/** A run whose requests may close while somebody thinks about them. */
export interface AskingRun extends Run {
  /** Resolves when none of these requests waits any more. */
  requestsClosed(requests: readonly ApprovalRequest[]): Promise<void>;
  isWaiting(requestId: string): boolean;
}

/** Waits for the end of a run, and asks for what it needs on the way. */
export async function runToEnd(run: AskingRun, asked: Asked): Promise<RunResult> {
  for (;;) {
    const state = await run.settled();
    if (state.kind === 'finished') return state.result;
    const over = new AbortController();
    const closed = run.requestsClosed(state.requests).then(() => []);
    const decisions = await Promise.race([askForDecisions(asked, state.requests, over.signal), closed]);
    over.abort();
    for (const decision of decisions) if (run.isWaiting(decision.requestId)) decide(run, decision);
  }
}

/** One decision for each request. Without anybody to ask, and when asking fails, everything is denied. */
async function askForDecisions(
  asked: Asked,
  requests: ApprovalRequest[],
  signal: AbortSignal,
): Promise<ApprovalDecision[]> {
  const deny = ({ requestId }: ApprovalRequest, message: string) => ({ requestId, approved: false, message });
  if (!asked.onApproval) {
    const message = (what: string) =>
      `This ${what} needs approval and nobody can be asked: pass \`onApproval\` to the session.`;
    return requests.map((request) => deny(request, message(request.kind === 'run' ? 'run' : 'call')));
  }
  try {
    const decisions = await asked.onApproval(requests, { signal });
    return requests.map(
      (request) =>
        decisions.find(({ requestId }) => requestId === request.requestId) ??
        deny(request, 'Nobody decided on this call.'),
    );
  } catch (error) {
    return requests.map((request) => deny(request, notApproved(error)));
  }
}

/** A decision that is none denies, and says what was wrong with it. */
function decide(run: Run, decision: ApprovalDecision): void {
  try {
    run.decide(decision);
  } catch (error) {
    if (!CodeModeError.isInstance(error)) throw error;
    run.decide({ requestId: decision.requestId, approved: false, message: notApproved(error) });
  }
}

function notApproved(error: unknown): string {
  return `The call could not be approved: ${error instanceof Error ? error.message : String(error)}`;
}
