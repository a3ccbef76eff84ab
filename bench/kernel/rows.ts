import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { descendants, memoryOf } from './memory.ts';
import type { Peer, PeerSession, Program, RowId } from './peer.ts';

export type Unit = 'ms' | 'bytes' | 'count';

/** One line of the table. */
export interface Line {
  label: string;
  unit: Unit;
  /** The design's number to reach, in the line's unit. */
  target?: number;
  /** The raw floor does nothing here, so a ratio to it would say nothing. */
  noFloor?: true;
}

/** One measurement; a sample has one number for each of its lines. */
export interface Row {
  id: RowId;
  lines: Line[];
  /** Each round takes one batch from every peer in turn, so that a drift of the machine hits all alike. */
  rounds: number;
  /** Samples in a batch at most; a slow peer takes fewer, see measure.ts. */
  batch: number;
  /** Samples thrown away at the start of a batch, while caches fill again. */
  warmUp: number;
  sample(subject: Subject): Promise<number[]>;
}

export interface Subject {
  peer: Peer;
  /** The peer's warm session, kept from row to row. */
  session(): Promise<PeerSession>;
}

const CALLS = 1000;
const GATHERED = 100;
const MB = 1e6;

export const rowIds: RowId[] = createRows(0).map((row) => row.id);

/** @param manySessions how many sessions the row `many` opens */
export function createRows(manySessions: number): Row[] {
  return [
    {
      id: 'first-session',
      lines: [
        { label: 'first session of a process', unit: 'ms', target: 80 },
        { label: '  of which import of the library', unit: 'ms', noFloor: true },
      ],
      rounds: 7,
      batch: 1,
      warmUp: 0,
      sample: sampleFirstSession,
    },
    {
      id: 'fresh-session',
      lines: [{ label: 'fresh session, to its first result', unit: 'ms', target: 4 }],
      rounds: 8,
      batch: 15,
      warmUp: 0,
      sample: sampleFreshSession,
    },
    {
      id: 'warm-run',
      lines: [{ label: 'run `1+1`, warm', unit: 'ms', target: 0.06 }],
      rounds: 10,
      batch: 100,
      warmUp: 20,
      sample: async ({ peer, session }) => [await timeRun(await session(), peer.programs.onePlusOne)],
    },
    {
      id: 'single-call',
      lines: [{ label: 'one tool call, alone in a run', unit: 'ms', target: 0.06 }],
      rounds: 10,
      batch: 50,
      warmUp: 10,
      sample: async ({ peer, session }) => {
        const empty = await timeRun(await session(), peer.programs.onePlusOne);
        return [(await timeRun(await session(), peer.programs.calls(1))) - empty];
      },
    },
    {
      id: 'calls',
      lines: [
        { label: `${CALLS.toLocaleString('en')} tool calls in a loop`, unit: 'ms' },
        { label: '  of which each call', unit: 'ms', target: 0.06 },
      ],
      rounds: 4,
      batch: 4,
      warmUp: 1,
      sample: async ({ peer, session }) => {
        const empty = await timeRun(await session(), peer.programs.onePlusOne);
        const total = await timeRun(await session(), peer.programs.calls(CALLS));
        return [total, (total - empty) / CALLS];
      },
    },
    {
      id: 'gather',
      lines: [{ label: `${GATHERED} calls of 100 ms, gathered`, unit: 'ms', target: 200 }],
      rounds: 4,
      batch: 2,
      warmUp: 0,
      sample: async ({ peer, session }) => [await timeRun(await session(), peer.programs.gathered(GATHERED))],
    },
    {
      id: 'large-in',
      lines: [{ label: '20 MB tool result into the program', unit: 'ms', target: 100 }],
      rounds: 4,
      batch: 2,
      warmUp: 1,
      sample: async ({ peer, session }) => [await timeRun(await session(), peer.programs.largeIn)],
    },
    {
      id: 'large-out',
      lines: [{ label: '20 MB run result out', unit: 'ms' }],
      rounds: 4,
      batch: 2,
      warmUp: 1,
      sample: async ({ peer, session }) => [await timeRun(await session(), peer.programs.largeOut)],
    },
    {
      id: 'memory',
      lines: [
        { label: 'idle session, private memory', unit: 'bytes', target: 3 * MB },
        { label: 'idle session, proportional memory (PSS)', unit: 'bytes' },
      ],
      rounds: 2,
      batch: 1,
      warmUp: 0,
      sample: sampleMemory,
    },
    {
      id: 'many',
      lines: [
        { label: `${manySessions} sessions open at once, each answering`, unit: 'ms' },
        { label: '  memory of all', unit: 'bytes' },
        { label: '  failures', unit: 'count', target: 0 },
      ],
      rounds: 1,
      batch: 1,
      warmUp: 0,
      sample: (subject) => sampleMany(subject, manySessions),
    },
  ];
}

/** Runs a program, checks what it came to, and returns how long it took. */
async function timeRun(session: PeerSession, { code, expect }: Program): Promise<number> {
  const started = performance.now();
  const { result, ms = performance.now() - started } = await session.run(code);
  if (!expect(result)) throw new Error(`Wrong result of ${code}: ${String(result).slice(0, 60)}`);
  return ms;
}

/** Opens a session and waits for its first result. */
export async function openWarm(peer: Peer): Promise<{ session: PeerSession; ms: number }> {
  const started = performance.now();
  const session = await peer.open();
  const openMs = session.openMs ?? performance.now() - started;
  return { session, ms: openMs + (await timeRun(session, peer.programs.onePlusOne)) };
}

async function sampleFirstSession({ peer }: Subject): Promise<number[]> {
  const script = fileURLToPath(new URL('./cold-start.ts', import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, script, peer.name], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new Error(`The fresh process ended with ${code}: ${errors.trim().slice(-500)}`);
  const { importMs, sessionMs } = JSON.parse(output);
  return [importMs + sessionMs, importMs];
}

async function sampleFreshSession({ peer, session }: Subject): Promise<number[]> {
  await session(); // Whatever sessions share is up.
  const fresh = await openWarm(peer);
  await fresh.session.close();
  return [fresh.ms];
}

async function sampleMemory({ peer, session }: Subject): Promise<number[]> {
  await session();
  const before = descendants(process.pid);
  const opened = await Promise.all(Array.from({ length: peer.memorySessions }, () => openWarm(peer)));
  await sleep(500); // Idle is what is measured.
  const { privateDirty, pss } = memoryOf(descendants(process.pid, before));
  await Promise.all(opened.map(({ session }) => session.close()));
  return [privateDirty / opened.length, pss / opened.length];
}

async function sampleMany({ peer, session }: Subject, manySessions: number): Promise<number[]> {
  await session();
  const before = descendants(process.pid);
  const hostBefore = process.memoryUsage.rss();
  const started = performance.now();
  const opening = await Promise.allSettled(
    Array.from({ length: manySessions }, async (_, index) => {
      const opened = await peer.open();
      await timeRun(opened, peer.programs.remember(index));
      return { opened, index };
    }),
  );
  const open = opening.filter((outcome) => outcome.status === 'fulfilled').map((outcome) => outcome.value);
  const answers = await Promise.allSettled(
    open.map(({ opened, index }) => timeRun(opened, peer.programs.recall(index))),
  );
  const ms = performance.now() - started;
  const { pss } = memoryOf(descendants(process.pid, before));
  const host = Math.max(0, process.memoryUsage.rss() - hostBefore);
  await Promise.all(open.map(({ opened }) => opened.close()));
  const answered = answers.filter((outcome) => outcome.status === 'fulfilled').length;
  return [ms, pss + host, manySessions - answered];
}
