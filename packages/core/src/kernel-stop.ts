import type { Kernel } from './executors/executor.ts';

/** How often Python is interrupted before it is killed. */
const INTERRUPTS = 4;
/** A kill is certain, the news of it nearly so: this bounds the wait for it. */
const KILL_NEWS_MS = 5_000;

/** Why a run is stopped. */
export interface Stop {
  reason: 'timeout' | 'aborted';
  message: string;
  /** Whether it came to the kill. */
  killed: boolean;
}

/** Stops the run in progress on a kernel: interrupts it, and kills it when that has not helped within the grace time. */
export class KernelStop {
  #retry: NodeJS.Timeout;
  #force: NodeJS.Timeout;
  #delivered: Promise<unknown> = Promise.resolve();

  /** `silent` is called when nothing was heard of the kernel even after the kill. */
  constructor(kernel: Kernel, stop: Stop, graceMs: number, silent: () => void) {
    const interrupt = () => {
      this.#delivered = Promise.all([this.#delivered, kernel.interrupt().catch(() => {})]);
    };
    interrupt();
    // One may come before Python has begun the run, or the code may swallow it.
    this.#retry = setInterval(interrupt, graceMs / INTERRUPTS);
    this.#force = setTimeout(() => {
      clearInterval(this.#retry);
      stop.killed = true;
      this.#delivered = Promise.all([this.#delivered, kernel.kill().catch(() => {})]);
      this.#force = setTimeout(silent, KILL_NEWS_MS);
    }, graceMs);
  }

  /** Settles once no interrupt or kill sent can hit a later run any more. */
  get delivered(): Promise<unknown> {
    return this.#delivered;
  }

  /** The run has ended. */
  end(): void {
    clearInterval(this.#retry);
    clearTimeout(this.#force);
  }
}

/** What happened, for the model. */
export function describeStop({ message, killed }: Stop, graceMs: number, stateKept: boolean): string {
  if (stateKept) return `${message} Python was stopped; the variables are kept.`;
  return killed
    ? `${message} Python did not stop within ${graceMs} ms and was killed; all variables are lost.`
    : `${message} Python ended while it was being stopped; all variables are lost.`;
}
