import { type ApprovalDecision, type ApprovalRequest, checkDecision, type MadeDecision } from '../approval.ts';
import { CodeModeError } from '../errors.ts';

/** Longest pause between two requests that are asked together. */
const GATHER_MS = 10;

export interface ApprovalDeskOptions {
  /** A request that nobody decided within this time is denied, in ms; `Infinity` for never. */
  timeoutMs: number;
  /** Called when the first request comes and when the last one is decided. */
  changed(): void;
  /** Called for each decision, also for one that the time-out made. */
  decided(decision: MadeDecision): void;
}

interface Pending {
  request: ApprovalRequest;
  settle: (decision: MadeDecision) => void;
  withdraw: () => void;
  decision: Promise<MadeDecision>;
}

/** Requests of one run that nobody has decided yet. */
export class ApprovalDesk {
  readonly #pending = new Map<string, Pending>();
  readonly #options: ApprovalDeskOptions;
  #isClosed = false;

  constructor(options: ApprovalDeskOptions) {
    this.#options = options;
  }

  get requests(): ApprovalRequest[] {
    return [...this.#pending.values()].map(({ request }) => request);
  }

  /** Waits for a decision. `signal` ends the waiting as a denial. */
  ask(request: ApprovalRequest, signal?: AbortSignal): Promise<MadeDecision> {
    const { requestId } = request;
    const denied = (message: string) => ({ requestId, approved: false, message, at: Date.now() });
    if (signal?.aborted || this.#isClosed)
      return Promise.resolve(denied('The run ended before anybody could be asked.'));
    const { timeoutMs } = this.#options;
    const { promise, resolve } = Promise.withResolvers<MadeDecision>();
    const settle = (made: MadeDecision) => {
      signal?.removeEventListener('abort', withdraw);
      clearTimeout(timer);
      this.#pending.delete(requestId);
      if (this.#pending.size === 0) this.#options.changed();
      resolve(made);
    };
    const withdraw = () => settle(denied('The run ended before anybody decided.'));
    const expire = () => {
      const made = denied(`Nobody decided within ${timeoutMs} ms (limits.approvalTimeoutMs), so it was denied.`);
      settle(made);
      this.#options.decided(made);
    };
    const timer = timeoutMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(expire, timeoutMs);
    signal?.addEventListener('abort', withdraw, { once: true });
    this.#pending.set(requestId, { request, settle, withdraw, decision: promise });
    if (this.#pending.size === 1) this.#options.changed();
    return promise;
  }

  /** Calls made at the same time arrive one after the other: resolves when no more of them come. */
  async gathered(): Promise<void> {
    for (let known = 0; this.#pending.size > known; ) {
      known = this.#pending.size;
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    }
  }

  /** The run is over: what waits is withdrawn. */
  close(): void {
    this.#isClosed = true;
    for (const { withdraw } of [...this.#pending.values()]) withdraw();
  }

  has(requestId: string): boolean {
    return this.#pending.has(requestId);
  }

  /** Resolves when none of these requests waits any more. */
  async closed(requests: readonly ApprovalRequest[]): Promise<void> {
    await Promise.all(requests.map(({ requestId }) => this.#pending.get(requestId)?.decision));
  }

  /**
   * Decides requests; none when one of the decisions is refused.
   * @throws CodeModeError `decision_not_pending` for one that answers no open request, `invalid_arguments`
   */
  decide(decisions: readonly ApprovalDecision[]): void {
    const made = decisions.map((decision) => checkDecision(decision, this.#requestOf(decision)));
    if (new Set(made.map(({ requestId }) => requestId)).size < made.length)
      throw new CodeModeError('decision_not_pending', 'Two decisions answer one request. Each is decided once.');
    for (const decision of made) {
      this.#pending.get(decision.requestId)?.settle(decision);
      this.#options.decided(decision);
    }
  }

  #requestOf(decision: ApprovalDecision): ApprovalRequest {
    const requestId: unknown = (decision as ApprovalDecision | null | undefined)?.requestId;
    const found = typeof requestId === 'string' ? this.#pending.get(requestId) : undefined;
    if (found) return found.request;
    const open = [...this.#pending.keys()].join(', ') || 'none';
    throw new CodeModeError(
      'decision_not_pending',
      `No approval request ${JSON.stringify(requestId)} is waiting (open: ${open}). Each request is decided once.`,
    );
  }
}
