// How well and how fast workflows are found; see README.md.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Embed, EmbedFunction } from '@code-mode/core';
import { Embedder } from '../../packages/core/src/search/embedder.ts';
import { MemoryStorage } from '../../packages/core/src/storage/memory.ts';
import { describeMachine } from '../kernel/machine.ts';
import type { Summary } from '../kernel/statistics.ts';
import { drawTable, format } from '../kernel/table.ts';
import { labelled } from './labelled-set.ts';
import { startMiniLm } from './minilm.ts';
import { measureQuality, otherWords, ownWords, type Quality } from './quality.ts';
import { measureSession, type SessionSpeed } from './session-speed.ts';
import { measureSpeed, type Speed } from './speed.ts';
import { standIn } from './stand-in.ts';
import { stores } from './stores.ts';

const HELP = `Usage: sh scripts/dev bench search [options]

  --embedder minilm  hybrid with all-MiniLM-L6-v2 on this machine's CPU; installs it on first use, about 6 GB
  --embedder MODULE  hybrid with what the module exports as \`embed\`: an AI SDK embedding model or a function
                     (texts) => Promise<number[][]>; without it a stand-in is used that knows nothing of meaning
  --misses           print the queries whose workflow is not among the first five
  --json PATH        where the results go (default: bench/search/results.json)
  --help             print this text
`;

/** ms at the median, by number of workflows. */
const TARGETS: Record<number, number> = { 1000: 5, 10000: 30 };

const { values } = parseArgs({
  options: {
    embedder: { type: 'string' },
    misses: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const machine = describeMachine();
  using given = await loadEmbed(values.embedder);
  const label = given ? `hybrid, ${given.label}` : 'hybrid, STAND-IN (no model)';
  report('searching the labelled set');
  const embedder = new Embedder(given?.embed ?? standIn, new MemoryStorage());
  const search = { embedder, waitMs: 600_000, warn: report };
  const quality = [
    { words: 'other', name: 'lexical', ...(await measureQuality({}, otherWords)) },
    { words: 'other', name: label, ...(await measureQuality(search, otherWords)) },
    { words: 'its own', name: 'lexical', ...(await measureQuality({}, ownWords)) },
    { words: 'its own', name: label, ...(await measureQuality(search, ownWords)) },
  ];
  const speeds: Speed[] = [];
  const sessions: SessionSpeed[] = [];
  for (const count of Object.keys(TARGETS).map(Number)) {
    for (const embed of [undefined, await precomputed()]) {
      report(`timing ${count} workflows, ${embed ? 'hybrid' : 'lexical'}`);
      speeds.push(await measureSpeed(count, embed));
    }
    for (const [name, create] of Object.entries(stores)) {
      report(`timing ${count} workflows in a session, ${name} storage`);
      await using store = await create();
      sessions.push(await measureSession(() => store.open(), count));
    }
  }
  print(`\n${machine.cores} x ${machine.cpu}, ${machine.system}, Node ${machine.node}, load ${machine.loadBefore}`);
  print(`${labelled.length} workflows\n\n${qualityTable(quality)}`);
  if (!given) print('\nThe stand-in hashes letters. It says nothing of what a model gains; give one with --embedder.');
  print(`\n${speedTable(speeds, sessions)}`);
  print('\nHybrid times are without the time of the model: vectors of 384 numbers come from the stand-in.');
  for (const { words, name, misses } of values.misses ? quality : []) {
    print(`\n${name}, in ${words} words:`);
    for (const { query, expected, first } of misses)
      print(`  ${query} -> ${expected}, found first: ${first ?? 'nothing'}`);
  }
  const path = values.json ?? fileURLToPath(new URL('./results.json', import.meta.url));
  const embedding = given?.label ?? 'stand-in, no model';
  const results = {
    date: new Date(),
    machine,
    embedding,
    quality,
    targets: TARGETS,
    speeds,
    sessions,
  };
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
  report(`results are in ${path}`);
}

async function loadEmbed(
  name: string | undefined,
): Promise<({ embed: Embed; label: string } & Disposable) | undefined> {
  if (name === undefined) return undefined;
  if (name === 'minilm') return { ...startMiniLm(report), label: 'all-MiniLM-L6-v2' };
  const { embed } = (await import(pathToFileURL(resolve(name)).href)) as { embed?: Embed };
  if (embed === undefined) throw new Error(`${name} has no export named embed.`);
  return { embed, label: typeof embed === 'function' ? name : embed.modelId, [Symbol.dispose]: () => {} };
}

/** The stand-in, asked once for each text. */
async function precomputed(): Promise<EmbedFunction> {
  const known = new Map<string, number[]>();
  const queries = labelled.flatMap((item) => item.queries);
  for (const [index, vector] of (await standIn(queries)).entries()) known.set(queries[index] ?? '', vector);
  return async (texts) =>
    Promise.all(texts.map(async (text) => known.get(text) ?? ((await standIn([text]))[0] as number[])));
}

function qualityTable(rows: (Quality & { words: string; name: string })[]): string {
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
  const lines = rows.map(({ words, queries, name, recallAt1, recallAt5, mrr }) => {
    return [`${queries}, in ${words} words`, name, percent(recallAt1), percent(recallAt5), mrr.toFixed(3)];
  });
  return drawTable([['queries', 'search', 'recall@1', 'recall@5', 'MRR'], ...lines]);
}

function speedTable(speeds: Speed[], sessions: SessionSpeed[]): string {
  const pair = ({ p50, p95 }: Summary) => `${format(p50, 'ms')} / ${format(p95, 'ms')}`;
  const judged = (workflows: number, { p50, p95 }: Summary) => {
    const target = TARGETS[workflows] ?? Number.NaN;
    return [`< ${target} ms`, p50 >= target ? 'missed' : p95 >= target ? 'met at p50' : 'met'];
  };
  const lines = speeds.map(({ mode, workflows, build, query, update }) => [
    `${mode} index`,
    String(workflows),
    pair(query),
    ...judged(workflows, query),
    pair(update),
    format(build, 'ms'),
  ]);
  const whole = sessions.map(({ storage, workflows, first, query, update }) => [
    `session, lexical, ${storage} storage`,
    String(workflows),
    pair(query),
    ...judged(workflows, query),
    pair(update),
    format(first, 'ms'),
  ]);
  const header = [
    'search',
    'workflows',
    'query p50 / p95',
    'target',
    '',
    'one change and a query p50 / p95',
    'first search',
  ];
  return drawTable([header, ...lines, ...whole]);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function report(text: string): void {
  process.stderr.write(`[bench] ${text}\n`);
}
