import type { EmbedFunction } from '../../src/index.ts';

/** Two words of one topic get one direction, so `car` is near `automobile` and far from `cake`. */
const topics = [
  ['car', 'automobile', 'vehicle', 'drive'],
  ['cake', 'bake', 'oven', 'dessert'],
  ['rain', 'umbrella', 'weather', 'storm'],
];

/** A small embedder whose vectors can be told from the text, and that remembers what it was asked. */
export class TopicEmbedder {
  readonly calls: string[][] = [];
  problem: Error | undefined;
  /** Whether it never answers. */
  silent = false;

  /** Everything it was asked, less the text that every session asks first. */
  get texts(): string[] {
    return this.calls.flat().filter((text) => !text.startsWith('Reads the rows of a table'));
  }

  readonly embed: EmbedFunction = async (texts) => {
    this.calls.push(texts);
    if (this.problem) throw this.problem;
    if (this.silent) return new Promise(() => {});
    return texts.map((text) => [
      ...topics.map((topic) => topic.filter((word) => text.toLowerCase().includes(word)).length),
      0.01,
    ]);
  };
}
