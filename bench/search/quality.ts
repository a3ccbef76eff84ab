import { HybridIndex } from '../../packages/core/src/search/hybrid.ts';
import type { SearchDocument } from '../../packages/core/src/search/lexical.ts';
import { type Labelled, labelled } from './labelled-set.ts';

export interface Quality {
  queries: number;
  recallAt1: number;
  recallAt5: number;
  /** Mean of 1 / place, with 0 for what is not among the first ten. */
  mrr: number;
  /** How many searches went by words and meaning. */
  hybrid: number;
  misses: { query: string; expected: string; first: string | undefined }[];
}

type Search = ConstructorParameters<typeof HybridIndex>[0];

/** Searches the labelled set with queries of each workflow. */
export async function measureQuality(options: Search, queriesOf: (workflow: Labelled) => string[]): Promise<Quality> {
  const index = new HybridIndex(options);
  for (const workflow of labelled) index.add(toDocument(workflow));
  const sums = { queries: 0, recallAt1: 0, recallAt5: 0, mrr: 0, hybrid: 0 };
  const misses: Quality['misses'] = [];
  for (const workflow of labelled) {
    const { name } = workflow;
    for (const query of queriesOf(workflow)) {
      const hits = await index.search(query, 10);
      const place = hits.findIndex(({ id }) => id === name) + 1;
      sums.queries += 1;
      sums.recallAt1 += place === 1 ? 1 : 0;
      sums.recallAt5 += place >= 1 && place <= 5 ? 1 : 0;
      sums.mrr += place === 0 ? 0 : 1 / place;
      sums.hybrid += hits.mode === 'hybrid' ? 1 : 0;
      if (place === 0 || place > 5) misses.push({ query, expected: name, first: hits[0]?.id });
    }
  }
  const share = (sum: number) => sum / sums.queries;
  const { recallAt1, recallAt5, mrr } = sums;
  return { ...sums, recallAt1: share(recallAt1), recallAt5: share(recallAt5), mrr: share(mrr), misses };
}

/** Those of the set: somebody who has not read the description. */
export function otherWords({ queries }: Labelled): string[] {
  return queries;
}

/** Every third word of the description: somebody who remembers some of it. */
export function ownWords({ description }: Labelled): string[] {
  const words = description.split(/\s+/u);
  return [0, 1, 2].map((start) => words.filter((_, place) => place % 3 === start).join(' '));
}

/** As a session indexes a workflow; identifiers are found by a regular expression here and by Python's parser there. */
export function toDocument({ name, description, parameters, code }: Labelled): SearchDocument {
  return {
    id: name,
    name,
    description,
    parameters: Object.entries(parameters)
      .map(([parameter, text]) => `${parameter} ${text}`)
      .join(' '),
    code: [...new Set(code.match(/[A-Za-z_][A-Za-z0-9_]*/gu))].join(' '),
  };
}
