import { classOf } from './attempt.ts';

/** How many attempts were stopped, by class and by layer, and which could not be made. */
export class Counts {
  readonly #title: string;
  readonly #stopped = new Map<string, Map<string, number>>();
  /** Reason -> ids. */
  readonly #leftOut = new Map<string, string[]>();

  constructor(title: string) {
    this.#title = title;
  }

  stop(attempt: { id: string; layer: string }): void {
    const layers = this.#stopped.get(classOf(attempt)) ?? new Map<string, number>();
    this.#stopped.set(classOf(attempt), layers);
    layers.set(attempt.layer, (layers.get(attempt.layer) ?? 0) + 1);
  }

  /** Returns the reason. */
  leaveOut({ id }: { id: string }, reason: string): string {
    this.#leftOut.set(reason, [...(this.#leftOut.get(reason) ?? []), id]);
    return reason;
  }

  /** A line for each class: `files 40: files 38, landlock 2`, and one for each reason. */
  toString(): string {
    const classes = [...this.#stopped].map(([name, layers]) => {
      const parts = [...layers].map(([layer, count]) => `${layer} ${count}`);
      return `  ${name} ${sum(layers.values())}: ${parts.join(', ')}`;
    });
    const reasons = [...this.#leftOut].map(([reason, ids]) => `  not made, ${reason}: ${ids.join(' ')}`);
    const all = sum([...this.#stopped.values()].map((layers) => sum(layers.values())));
    return [`${this.#title} that were stopped, by class and layer: ${all}`, ...classes, ...reasons].join('\n');
  }
}

function sum(counts: Iterable<number>): number {
  return [...counts].reduce((total, count) => total + count, 0);
}
