import type { SessionLimits } from '../limits.ts';
import { CallFailure } from './call-failure.ts';

/** What the calls of one run may come to. */
export class CallLimits {
  readonly #limits: SessionLimits;
  #calls = 0;
  #argumentBytes = 0;
  #resultBytes = 0;
  #parts = 0;
  #partBytes = 0;

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  /** Whether a call was refused because there were too many, as all that follow are. */
  get usedUp(): boolean {
    return this.#calls > this.#limits.maxCalls;
  }

  /** Counts a call and its arguments. @throws CallFailure `limit` */
  admit(argumentBytes: number): void {
    this.#calls++;
    if (this.usedUp) throw this.tooMany();
    const { callArgumentBytes } = this.#limits;
    this.#argumentBytes += argumentBytes;
    if (this.#argumentBytes > callArgumentBytes)
      throw used(
        `may send ${callArgumentBytes} bytes of arguments in all (limits.callArgumentBytes), and this call would go beyond`,
        'Send less',
      );
  }

  /** What a call gets when the run has `usedUp` its calls. */
  tooMany(): CallFailure {
    return used(
      `has made ${this.#limits.maxCalls} calls, which is its limit (limits.maxCalls)`,
      'Do more in each, or in another run',
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

  /** Counts a part while it is in flight: there may be any number of parts, but not at once. @throws CallFailure `limit` */
  beginPart(argumentBytes: number): void {
    const { maxCalls, callArgumentBytes } = this.#limits;
    this.#parts++;
    this.#partBytes += argumentBytes;
    if (this.#parts > maxCalls || this.#partBytes > callArgumentBytes)
      throw used(
        'carries on more calls at once than it may make (limits.maxCalls, limits.callArgumentBytes)',
        'Wait for some of them',
      );
  }

  endPart(argumentBytes: number): void {
    this.#parts--;
    this.#partBytes -= argumentBytes;
  }
}

function used(what: string, advice: string): CallFailure {
  return new CallFailure('limit', `This run ${what}. ${advice}.`);
}
