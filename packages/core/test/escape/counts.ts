import { classOf } from './attempt.ts';

/** How many attempts were stopped, by class and by layer. */
export class Counts {
  readonly #stopped = new Map<string, Map<string, number>>();

  add(attempt: { id: string; layer: string }): void {
    const layers = this.#stopped.get(classOf(attempt)) ?? new Map<string, number>();
    this.#stopped.set(classOf(attempt), layers);
    layers.set(attempt.layer, (layers.get(attempt.layer) ?? 0) + 1);
  }

  /** A line for each class: `files 40: files 38, landlock 2`. */
  toString(): string {
    const lines = [...this.#stopped].map(([name, layers]) => {
      const parts = [...layers].map(([layer, count]) => `${layer} ${count}`);
      return `  ${name} ${sum(layers.values())}: ${parts.join(', ')}`;
    });
    const all = sum([...this.#stopped.values()].map((layers) => sum(layers.values())));
    return [`attempts that were stopped, by class and layer: ${all}`, ...lines].join('\n');
  }
}

function sum(counts: Iterable<number>): number {
  return [...counts].reduce((total, count) => total + count, 0);
}
