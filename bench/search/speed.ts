import type { EmbedFunction } from '@code-mode/core';
import { Embedder } from '../../packages/core/src/search/embedder.ts';
import { HybridIndex } from '../../packages/core/src/search/hybrid.ts';
import type { SearchDocument } from '../../packages/core/src/search/lexical.ts';
import { MemoryStorage } from '../../packages/core/src/storage/memory.ts';
import { type Summary, summarize } from '../kernel/statistics.ts';
import { labelled } from './labelled-set.ts';
import { toDocument } from './quality.ts';

/** Times in ms. */
export interface Speed {
  mode: 'lexical' | 'hybrid';
  workflows: number;
  /** All of them, with the first search. */
  build: number;
  query: Summary;
  /** One workflow is saved anew, and the search after it. */
  update: Summary;
}

/** @param embed left out for a search by words alone; must be quick, its time is in the result */
export async function measureSpeed(workflows: number, embed?: EmbedFunction): Promise<Speed> {
  const mode = embed ? 'hybrid' : 'lexical';
  const embedder = embed && new Embedder(embed, new MemoryStorage());
  const index = new HybridIndex({ embedder, waitMs: 600_000, warn: (message) => process.stderr.write(`${message}\n`) });
  const documents = manyDocuments(workflows);
  const queries = labelled.flatMap((item) => item.queries);
  const search = async (query: string) => {
    const hits = await index.search(query, 10);
    if (hits.mode !== mode) throw new Error(`A search was ${hits.mode}, not ${mode}.`);
  };
  const build = await time(async () => {
    for (const document of documents) index.add(document);
    await search('warm up');
  });
  for (const query of queries.slice(0, 20)) await search(query);
  const samples: number[] = [];
  for (const query of queries) samples.push(await time(() => search(query)));
  const updates: number[] = [];
  for (const [number, query] of queries.slice(0, 50).entries()) {
    const changed = documents[number];
    if (!changed) break;
    const next = { ...changed, description: `${changed.description} Changed.` };
    updates.push(
      await time(async () => {
        index.add(next);
        await search(query);
      }),
    );
  }
  return { mode, workflows, build, query: summarize(samples), update: summarize(updates) };
}

/** Each takes its description from one labelled workflow and its parameters from another, and has a word of its own. */
function manyDocuments(count: number): SearchDocument[] {
  const known = labelled.map(toDocument);
  return Array.from({ length: count }, (_, number) => {
    const at = (offset: number) => known[(number * 7 + offset) % known.length] as SearchDocument;
    const [a, b] = [at(0), at(1 + Math.floor(number / known.length))];
    const name = `${a.name}_${word(number)}`;
    const description = `${a.description} For ${word(number)} ${word(number * 31)}.`;
    return { id: `${name}_${number}`, name, description, parameters: b.parameters ?? '', code: b.code ?? '' };
  });
}

/** A word that can be spoken, so that spelling and prefixes have work to do: about 5,000 different ones. */
function word(number: number): string {
  const syllables = [
    'ba',
    'ko',
    'ri',
    'ten',
    'mul',
    'sa',
    'vor',
    'lin',
    'que',
    'dra',
    'fo',
    'gim',
    'hu',
    'jel',
    'nap',
    'wyx',
    'zo',
  ];
  let rest = (number * 2654435761) % 4913;
  let text = '';
  for (let part = 0; part < 3; part++) {
    text += syllables[rest % syllables.length];
    rest = Math.floor(rest / syllables.length);
  }
  return text;
}

async function time(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
