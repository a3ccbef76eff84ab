import { CodeModeError } from './errors.ts';
import type { JsonValue } from './run-result.ts';

/** Longest pause between two requests that are asked together. */
const GATHER_MS = 10;

/** A call that waits for somebody's decision. Python waits in place meanwhile; its other threads and tasks go on. */
export interface ApprovalRequest {
  requestId: string;
  runId: string;
  callId: number;
  /** The tool's name on the host, e.g. `github.issues.close`. */
  toolName: string;
  arguments: { [key: string]: JsonValue };
  /** Line of the run's code that makes the call. */
  line?: number;
}

/** The answer to one request. */
export interface ApprovalDecision {
  requestId: string;
  approved: boolean;
  /** Said to the code when denied, e.g. why. */
  message?: string;
}

/** Requests of one run that nobody has decided yet. */
export class ApprovalDesk {
  readonly #pending = new Map<string, { request: ApprovalRequest; settle: (decision: ApprovalDecision) => void }>();
  readonly #changed: () => void;

  /** `changed` is called when the first request comes and when the last one is decided. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get requests(): ApprovalRequest[] {
    return [...this.#pending.values()].map(({ request }) => request);
  }

  /** Waits for a decision. `signal` ends the waiting as a denial. */
  ask(request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalDecision> {
    return new Promise((resolve) => {
      const settle = (decision: ApprovalDecision) => {
        signal.removeEventListener('abort', withdraw);
        this.#pending.delete(request.requestId);
        if (this.#pending.size === 0) this.#changed();
        resolve(decision);
      };
      const withdraw = () =>
        settle({ requestId: request.requestId, approved: false, message: 'The run ended before anybody decided.' });
      if (signal.aborted) {
        resolve({
          requestId: request.requestId,
          approved: false,
          message: 'The run ended before anybody could be asked.',
        });
        return;
      }
      signal.addEventListener('abort', withdraw, { once: true });
      this.#pending.set(request.requestId, { request, settle });
      if (this.#pending.size === 1) this.#changed();
    });
  }

  /** Calls made at the same time arrive one after the other: resolves when no more of them come. */
  async gathered(): Promise<void> {
    for (let known = 0; this.#pending.size > known; ) {
      known = this.#pending.size;
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    }
  }

  /** @throws CodeModeError `decision_not_pending` when a decision answers no open request; then none is applied. */
  decide(decisions: ApprovalDecision[]): void {
    for (const { requestId } of decisions) {
      if (!this.#pending.has(requestId)) {
        const open = [...this.#pending.keys()].join(', ') || 'none';
        throw new CodeModeError(
          'decision_not_pending',
          `No approval request ${JSON.stringify(requestId)} is waiting (open: ${open}). Each request is decided once.`,
        );
      }
    }
    for (const decision of decisions) this.#pending.get(decision.requestId)?.settle(decision);
  }
}

/** One decision for each request. Without anybody to ask, and when asking fails, everything is denied. */
export async function askForDecisions(
  asked: { onApproval?(requests: ApprovalRequest[]): ApprovalDecision[] | Promise<ApprovalDecision[]> },
  requests: ApprovalRequest[],
): Promise<ApprovalDecision[]> {
  const deny = (message: string) => requests.map(({ requestId }) => ({ requestId, approved: false, message }));
  if (!asked.onApproval) {
    return deny('This call needs approval and nobody can be asked: pass `onApproval` to the session.');
  }
  let decisions: ApprovalDecision[];
  try {
    decisions = await asked.onApproval(requests);
  } catch (error) {
    return deny(`The call could not be approved: ${error instanceof Error ? error.message : String(error)}`);
  }
  return requests.map(({ requestId }) => {
    const decision = decisions.find((candidate) => candidate.requestId === requestId);
    return decision ?? { requestId, approved: false, message: 'Nobody decided on this call.' };
  });
}
