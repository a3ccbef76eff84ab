import { Session, type Storage } from '@code-mode/core';
import { type Summary, summarize } from '../kernel/statistics.ts';
import { labelled } from './labelled-set.ts';

const SOURCE = 'def run(limit: int = 1):\n    return limit\n';

/** `session.workflows.search` by words, in ms: what a host waits for. */
export interface SessionSpeed {
  storage: string;
  workflows: number;
  /** With reading the whole store. */
  first: number;
  query: Summary;
  /** Another handle has saved a workflow, and the search after it finds that. */
  update: Summary;
}

/** @param open opens one store, each time with a handle of its own */
export async function measureSession(open: () => Storage, workflows: number): Promise<SessionSpeed> {
  const storage = open();
  await using session = new Session({ storage, journal: false });
  await using other = storage.features.shared ? open() : undefined;
  const write = await fill(session, storage, other ?? storage, workflows);
  const queries = labelled.map((item) => item.queries[0] ?? '');
  const search = async (query: string) => {
    const start = performance.now();
    const found = await session.workflows.search(query);
    if (found.mode !== 'lexical') throw new Error('The search was not by words.');
    return { ms: performance.now() - start, names: found.map(({ name }) => name) };
  };
  const first = (await search('warm up')).ms;
  // A store that was just written to is looked at more closely.
  await new Promise((resolve) => setTimeout(resolve, 200));
  for (const query of queries.slice(0, 10)) await search(query);
  const query: number[] = [];
  for (const text of queries) query.push((await search(text)).ms);
  const update: number[] = [];
  for (let number = 0; number < 20; number++) {
    await write(`new_${number}`, `Calibrates the zymoscope number${number}`);
    const { ms, names } = await search(`zymoscope number${number}`);
    if (names[0] !== `new_${number}`) throw new Error(`The search after a save found ${names[0]} first.`);
    update.push(ms);
  }
  await storage.close();
  return { storage: storage.name, workflows, first, query: summarize(query), update: summarize(update) };
}

/** Saves a workflow as a session does, without parsing each in Python. */
async function fill(session: Session, storage: Storage, writer: Storage, count: number) {
  await session.workflows.create('seed', SOURCE);
  const seed = await storage.get('workflows/seed');
  const own = seed?.metadata?.workflow as Record<string, string> | undefined;
  if (!seed || !own) throw new Error('The session saved no workflow.');
  const write = async (name: string, given: string) => {
    await writer.set(`workflows/${name}`, seed.value, { metadata: { workflow: { ...own, given } } });
  };
  const numbers = Array.from({ length: count }, (_, number) => number).values();
  const worker = async () => {
    for (const number of numbers) {
      const { name, description } = labelled[number % labelled.length] ?? { name: '', description: '' };
      await write(`${name}_${number}`, `${description} ${number}`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return write;
}
