import { Session } from '@code-mode/core';
import { MemoryStorage } from '../../packages/core/src/storage/memory.ts';
import { type Summary, summarize } from '../kernel/statistics.ts';
import { labelled } from './labelled-set.ts';

const SOURCE = 'def run(limit: int = 1):\n    return limit\n';

/** `session.workflows.search` by words, in ms: with the listing of the storage before it and the counts after it. */
export async function measureSession(workflows: number): Promise<Summary> {
  const storage = new MemoryStorage();
  await using session = new Session({ storage });
  await session.workflows.create('seed', SOURCE);
  const seed = await storage.get('workflows/seed');
  const own = seed?.metadata?.workflow as Record<string, string> | undefined;
  if (!seed || !own) throw new Error('The session saved no workflow.');
  // Saving each through the session would parse each in Python.
  for (let number = 0; number < workflows; number++) {
    const { name, description } = labelled[number % labelled.length] ?? { name: '', description: '' };
    const workflow = { ...own, given: `${description} ${number}` };
    await storage.set(`workflows/${name}_${number}`, seed.value, { metadata: { workflow } });
  }
  const queries = labelled.map((item) => item.queries[0] ?? '');
  const samples: number[] = [];
  for (const [index, query] of ['warm up', ...queries].entries()) {
    const start = performance.now();
    const found = await session.workflows.search(query);
    if (index > 0) samples.push(performance.now() - start);
    else if (found.mode !== 'lexical') throw new Error('The search was not by words.');
  }
  return summarize(samples);
}
