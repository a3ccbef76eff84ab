// Compares a session of ours with the raw floor and with two peers; see README.md.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine, type Machine } from './machine.ts';
import { type MeasuredRow, measure } from './measure.ts';
import type { Peer, PeerName } from './peer.ts';
import { createPeer, peerNames } from './peers/create-peers.ts';
import { measureSlowdown } from './python.ts';
import { createRows, rowIds } from './rows.ts';
import { absoluteTable, OURS, ratioTable, verdict } from './table.ts';

const HELP = `Usage: sh scripts/dev bench kernel [options]

  --only ROW     measure this row alone; may be given several times
  --peers LIST   comma-separated, of: ${peerNames.join(', ')} (default: all)
  --quick        one short round of everything: shows that it works, the numbers mean little
  --json PATH    where the results go (default: bench/kernel/results.json)
  --help         print this text

Rows: ${rowIds.join(', ')}
CODE_MODE_PYTHON names the Python that all peers use (default: python3).
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    peers: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else process.exit(await main());

async function main(): Promise<number> {
  const wantedRows = chosen('row', values.only, rowIds);
  const signal = stopOnSignals();
  const before = await measureSlowdown();
  const machine = describeMachine();
  const peers = chosen('peer', values.peers?.split(','), peerNames).map(createPeer);
  const unavailable = new Map<PeerName, string>();
  const measured: MeasuredRow[] = [];
  const versions = new Map<PeerName, string>();
  try {
    const ready = await prepare(peers, versions, unavailable);
    const rows = createRows(values.quick ? 50 : 500).filter((row) => wantedRows.includes(row.id));
    for await (const row of measure(ready, rows, { quick: values.quick, signal, report })) measured.push(row);
  } finally {
    await Promise.all(peers.map((peer) => peer.close()));
  }
  const slowdown: Slowdown = { before, after: await measureSlowdown() };
  const circumstances = { machine, slowdown, versions, unavailable };
  printTables(peers, measured, circumstances);
  const path = values.json ?? fileURLToPath(new URL('./results.json', import.meta.url));
  writeFileSync(path, toJson(measured, circumstances));
  report(`results are in ${path}`);
  if (signal.aborted) return 130;
  return unavailable.has(OURS) || hasFailure(measured) ? 1 : 0;
}

/** How many times as long as on the machine on which the targets were set pure Python takes here. */
interface Slowdown {
  before: number;
  after: number;
}

interface Circumstances {
  machine: Machine;
  slowdown: Slowdown;
  versions: Map<PeerName, string>;
  unavailable: Map<PeerName, string>;
}

/** Installs and loads every peer, and returns those that can be measured. */
async function prepare(
  peers: Peer[],
  versions: Map<PeerName, string>,
  unavailable: Map<PeerName, string>,
): Promise<Peer[]> {
  for (const peer of peers) {
    try {
      await peer.install(report);
      await peer.load();
      versions.set(peer.name, await peer.version());
    } catch (error) {
      unavailable.set(peer.name, (error as Error).message);
      report(`${peer.label} is skipped: ${(error as Error).message}`);
    }
  }
  return peers.filter(({ name }) => !unavailable.has(name));
}

function printTables(peers: Peer[], measured: MeasuredRow[], circumstances: Circumstances): void {
  const { machine, slowdown, versions, unavailable } = circumstances;
  const columns = peers.filter(({ name }) => !unavailable.has(name));
  print(`\n${machine.cores} x ${machine.cpu}, ${machine.system}, Node ${machine.node}, load ${machine.loadBefore}`);
  print(
    `Pure Python took ${slowdown.before.toFixed(1)}x as long before and ${slowdown.after.toFixed(1)}x as long after` +
      ' the rows as on the machine on which the targets were set.',
  );
  for (const { name, label } of peers) print(`${label}: ${versions.get(name) ?? `skipped, ${unavailable.get(name)}`}`);
  print(`\n${absoluteTable(measured, columns, lesser(slowdown))}`);
  if (columns.some(({ name }) => name === OURS)) print(`\n${ratioTable(measured, columns)}`);
  if (values.quick) print('\n--quick: too few samples to conclude anything.');
}

/** Times in ms, memory in bytes. */
function toJson(measured: MeasuredRow[], circumstances: Circumstances): string {
  const { machine, slowdown, versions, unavailable } = circumstances;
  const rows = measured.flatMap(({ row, cells }) =>
    row.lines.map((line, index) => {
      const peers = Object.fromEntries([...cells].map(([name, list]) => [name, list[index]]));
      return {
        id: row.id,
        ...line,
        label: line.label.trim(),
        verdict: verdict(peers[OURS], line, lesser(slowdown)),
        peers,
      };
    }),
  );
  const [of, skipped] = [Object.fromEntries(versions), Object.fromEntries(unavailable)];
  return `${JSON.stringify({ date: new Date(), quick: values.quick, machine, slowdown, versions: of, skipped, rows }, null, 2)}\n`;
}

function lesser({ before, after }: Slowdown): number {
  return Math.min(before, after);
}

/** A peer that does not hold up is a finding; ours or the floor failing is a fault. */
function hasFailure(measured: MeasuredRow[]): boolean {
  const judged: PeerName[] = [OURS, 'raw'];
  return measured.some(({ cells }) => judged.some((name) => cells.get(name)?.some((cell) => 'failed' in cell)));
}

function chosen<T extends string>(what: string, asked: string[] | undefined, known: T[]): T[] {
  for (const name of asked ?? []) {
    if (known.includes(name as T)) continue;
    process.stderr.write(`There is no ${what} "${name}"; known: ${known.join(', ')}.\n`);
    process.exit(2);
  }
  return known.filter((name) => asked?.includes(name) ?? true);
}

/** The first signal ends the run after the sample under way, so that every process is ended; the second ends it now. */
function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      report('stopping after this sample; once more stops at once');
      controller.abort();
    });
  }
  return controller.signal;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function report(text: string): void {
  process.stderr.write(`[bench] ${text}\n`);
}
