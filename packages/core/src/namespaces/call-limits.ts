import type { SessionLimits } from '../limits.ts';
import { CallFailure } from './call-failure.ts';

/** What the calls of one run may come to. */
export class CallLimits {
  readonly #limits: SessionLimits;
  readonly #running = new Set<number>();
  readonly #queue = new Map<number, () => void>();
  #calls = 0;
  #argumentBytes = 0;
  #resultBytes = 0;

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  /** Counts a call and its arguments. @throws CallFailure `limit` */
  admit(argumentBytes: number): void {
    const { maxCalls, callArgumentBytes } = this.#limits;
    if (++this.#calls > maxCalls)
      throw used(
        `has made ${maxCalls} calls, which is its limit (limits.maxCalls)`,
        'Do more in each, or in another run',
      );
    this.#argumentBytes += argumentBytes;
    if (this.#argumentBytes > callArgumentBytes)
      throw used(
        `may send ${callArgumentBytes} bytes of arguments in all (limits.callArgumentBytes), and this call would go beyond`,
        'Send less',
      );
  }

  /** Counts what a call returned. @throws CallFailure `limit` */
  answered(resultBytes: number): void {
    const { callResultBytes } = this.#limits;
    this.#resultBytes += resultBytes;
    if (this.#resultBytes > callResultBytes)
      throw used(
        `may get ${callResultBytes} bytes of results in all (limits.callResultBytes), and this result goes beyond; the call was made`,
        'Ask for less',
      );
  }

  /** Takes a place among the calls that run at once. Undefined when there was one, else a promise of it. */
  enter(callId: number): Promise<void> | undefined {
    if (this.#running.size < this.#limits.maxConcurrentCalls) {
      this.#running.add(callId);
      return undefined;
    }
    return new Promise((resolve) => this.#queue.set(callId, resolve));
  }

  /** A call has ended, whether it had a place or waited for one. */
  leave(callId: number): void {
    if (this.#queue.delete(callId) || !this.#running.delete(callId)) return;
    const [next] = this.#queue;
    if (next === undefined) return;
    const [nextId, enter] = next;
    this.#queue.delete(nextId);
    this.#running.add(nextId);
    enter();
  }
}

function used(what: string, advice: string): CallFailure {
  return new CallFailure('limit', `This run ${what}. ${advice}.`);
}
