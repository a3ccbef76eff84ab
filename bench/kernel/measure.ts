import { setTimeout as sleep } from 'node:timers/promises';
import type { Peer, PeerName, PeerSession } from './peer.ts';
import { openWarm, type Row, type Subject } from './rows.ts';
import { type Summary, summarize } from './statistics.ts';

/** One peer's part of one line: numbers, or why there are none. */
export type Cell = Summary | { notMeasured: string } | { failed: string };

export interface MeasuredRow {
  row: Row;
  /** For each peer, one cell for each line of the row. */
  cells: Map<PeerName, Cell[]>;
}

export interface MeasureOptions {
  /** One short round of everything, to see that it works. */
  quick: boolean;
  signal: AbortSignal;
  report(text: string): void;
}

/** A slow peer takes fewer samples instead of holding up the rest. */
const BATCH_MS = 1500;
const BATCH_TIMEOUT_MS = 60_000;

/** Measures row after row; within a row, round after round; within a round, peer after peer. */
export async function* measure(peers: Peer[], rows: Row[], options: MeasureOptions): AsyncGenerator<MeasuredRow> {
  const contestants = peers.map((peer) => new Contestant(peer));
  for (const [index, row] of rows.entries()) {
    options.report(`row ${index + 1} of ${rows.length}: ${row.id}`);
    const running = contestants.filter(({ peer }) => peer.notMeasured[row.id] === undefined);
    for (const contestant of contestants) contestant.begin(row);
    const rounds = options.quick ? 1 : row.rounds;
    for (let round = 0; round < rounds; round++) {
      // A different one starts each round, so that none always runs behind the same neighbour.
      for (const contestant of rotate(running, round)) {
        await contestant.takeBatch(row, options.quick ? Math.ceil(row.batch / 10) : row.batch, options.signal);
        if (options.signal.aborted) return;
      }
    }
    yield { row, cells: new Map(contestants.map((contestant) => [contestant.peer.name, contestant.cells(row)])) };
  }
}

class Contestant {
  readonly peer: Peer;
  readonly #subject: Subject;
  #session: Promise<PeerSession> | undefined;
  #samples: number[][] = [];
  #failure: string | undefined;

  constructor(peer: Peer) {
    this.peer = peer;
    this.#subject = { peer, session: () => this.#warmSession() };
  }

  begin(row: Row): void {
    this.#samples = row.lines.map(() => []);
    this.#failure = undefined;
  }

  async takeBatch(row: Row, batch: number, signal: AbortSignal): Promise<void> {
    if (this.#failure !== undefined) return;
    try {
      await withTimeout(this.#takeSamples(row, batch, signal));
    } catch (error) {
      this.#failure = (error as Error).message;
      // The session may be in any state now; the next row starts with another.
      this.#session = undefined;
    }
  }

  async #takeSamples(row: Row, batch: number, signal: AbortSignal): Promise<void> {
    const started = performance.now();
    for (let index = -row.warmUp; index < batch && !signal.aborted; index++) {
      const sample = await row.sample(this.#subject);
      if (index < 0) continue;
      for (const [line, number] of sample.entries()) this.#samples[line]?.push(number);
      if (performance.now() - started > BATCH_MS) return;
    }
  }

  cells(row: Row): Cell[] {
    const notMeasured = this.peer.notMeasured[row.id];
    if (notMeasured !== undefined) return row.lines.map(() => ({ notMeasured }));
    const failed = this.#failure;
    if (failed !== undefined) return row.lines.map(() => ({ failed }));
    return this.#samples.map(summarize);
  }

  #warmSession(): Promise<PeerSession> {
    this.#session ??= openWarm(this.peer).then(({ session }) => session);
    return this.#session;
  }
}

function rotate<T>(list: T[], by: number): T[] {
  const at = by % Math.max(1, list.length);
  return [...list.slice(at), ...list.slice(0, at)];
}

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = sleep(BATCH_TIMEOUT_MS, undefined, { signal: timer.signal }).then(
    () => {
      throw new Error(`No answer within ${BATCH_TIMEOUT_MS / 1000} s.`);
    },
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}
