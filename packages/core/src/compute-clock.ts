/** While Python waits there is nothing to hurry for, however little time it has left. */
const WAITING_MS = 50;

/**
 * Counts the time Python computes in one run. While calls are in flight Python usually waits, and then only the CPU
 * time it uses counts; while an approval is pending nothing counts.
 */
export class ComputeClock {
  readonly #budgetMs: number;
  readonly #cpuTimeMs: () => Promise<number | undefined>;
  readonly #expire: () => void;
  #cpuAtStart: number;
  #countedMs = 0;
  #countingSince: number | undefined;
  #calls = 0;
  #approvals = false;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** `cpuAtStart` is the kernel's CPU time when the run starts, in ms. */
  constructor(budgetMs: number, cpuAtStart: number, cpuTimeMs: () => Promise<number | undefined>, expire: () => void) {
    this.#budgetMs = budgetMs;
    this.#cpuAtStart = cpuAtStart;
    this.#cpuTimeMs = cpuTimeMs;
    this.#expire = expire;
  }

  start(): void {
    this.#countingSince = performance.now();
    this.#schedule(this.#budgetMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#countingSince = undefined;
    this.#stopped = true;
  }

  callStarted(): void {
    this.#calls++;
    this.#update();
  }

  callEnded(): void {
    this.#calls--;
    this.#update();
  }

  approvalsPending(pending: boolean): void {
    this.#approvals = pending;
    this.#update();
  }

  #update(): void {
    if (this.#stopped) return;
    const counting = this.#calls === 0 && !this.#approvals;
    const now = performance.now();
    if (!counting && this.#countingSince !== undefined) {
      this.#countedMs += now - this.#countingSince;
      this.#countingSince = undefined;
    } else if (counting && this.#countingSince === undefined) {
      this.#countingSince = now;
    }
  }

  #schedule(ms: number): void {
    const least = this.#countingSince === undefined ? WAITING_MS : 1;
    this.#timer = setTimeout(() => void this.#check(), Math.max(least, Math.ceil(ms)));
  }

  async #check(): Promise<void> {
    let used = this.#countedMs + (this.#countingSince === undefined ? 0 : performance.now() - this.#countingSince);
    if (used < this.#budgetMs && this.#calls > 0 && !this.#approvals) {
      const cpu = await this.#cpuTimeMs();
      if (cpu !== undefined) {
        // The start was told by the kernel itself, which gains nothing by telling more than it has used.
        this.#cpuAtStart = Math.min(this.#cpuAtStart, cpu);
        used = Math.max(used, cpu - this.#cpuAtStart);
      }
    }
    if (this.#stopped) return;
    if (used >= this.#budgetMs) this.#expire();
    else this.#schedule(this.#budgetMs - used);
  }
}
