import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionEvent } from './events.ts';
import type { RunResult } from './run-result.ts';

/** A running program, as a complete snapshot: what it has printed so far. */
export interface RunProgress {
  status: 'running';
  runId: string;
  stdout: string;
  stderr: string;
}

/** Shortest time between two snapshots. */
const SNAPSHOT_MS = 100;
/** A snapshot repeats the ones before it, so it has only the end of a long output; the result has all that is kept. */
const SNAPSHOT_CHARS = 10_000;

/**
 * Yields snapshots of a run, whenever it has printed something new, and returns its result. Who stops listening stops
 * the run.
 * @param start begins the run with this listener and signal
 */
export async function* streamRun(
  start: (options: { signal: AbortSignal; onEvent(event: SessionEvent): void }) => Promise<RunResult>,
  { signal, onEvent }: { signal?: AbortSignal | undefined; onEvent?: ((event: SessionEvent) => void) | undefined } = {},
): AsyncGenerator<RunProgress, RunResult> {
  const watcher = new RunWatcher();
  const stop = new AbortController();
  const result = start({
    signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
    onEvent: (event) => {
      watcher.add(event);
      onEvent?.(event);
    },
  });
  let ended = false;
  const end = result.then(
    () => (ended = true),
    () => (ended = true),
  );
  try {
    for (;;) {
      await Promise.race([watcher.changed, end]);
      if (ended) return await result;
      yield watcher.snapshot();
      await Promise.race([sleep(SNAPSHOT_MS, undefined, { ref: false }), end]);
    }
  } finally {
    stop.abort();
  }
}

/** Keeps the end of what a run has printed. */
class RunWatcher {
  /** Resolves when there is something new. */
  changed: Promise<void>;
  readonly #text = { stdout: '', stderr: '' };
  readonly #cut = { stdout: 0, stderr: 0 };
  #runId = '';
  #wake: () => void = () => {};

  constructor() {
    this.changed = this.#nextChange();
  }

  add(event: SessionEvent): void {
    if (event.type === 'run-start') this.#runId = event.runId;
    if (event.type !== 'output') return;
    const { stream, text } = event;
    const whole = this.#text[stream] + text;
    this.#text[stream] = whole.slice(-SNAPSHOT_CHARS);
    this.#cut[stream] += whole.length - this.#text[stream].length;
    this.#wake();
  }

  snapshot(): RunProgress {
    this.changed = this.#nextChange();
    return { status: 'running', runId: this.#runId, stdout: this.#shown('stdout'), stderr: this.#shown('stderr') };
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #shown(stream: 'stdout' | 'stderr'): string {
    const cut = this.#cut[stream];
    return cut === 0
      ? this.#text[stream]
      : `[… ${cut.toLocaleString('en-US')} characters before this]\n${this.#text[stream]}`;
  }
}
