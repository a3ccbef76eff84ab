import { setTimeout as sleep } from 'node:timers/promises';
import type { ApprovalRequest } from './approval.ts';
import type { SessionEvent } from './events.ts';

/** A program in progress, as a complete snapshot: what it has printed so far. */
export type RunProgress = { runId: string; stdout: string; stderr: string } & (
  | { status: 'running' }
  /** Somebody is being asked about these. */
  | { status: 'awaiting-approval'; requests: ApprovalRequest[] }
);

/** Shortest time between two snapshots. */
const SNAPSHOT_MS = 100;
/** A snapshot repeats the ones before it, so it has only the end of a long output; the result has all that is kept. */
const SNAPSHOT_CHARS = 10_000;

/**
 * Yields snapshots of a run, whenever there is something new, and returns what `start` resolves to. Who stops listening
 * stops the run.
 * @param start begins the run with this listener and signal, or goes on with one that the watcher has seen
 */
export async function* streamRun<Outcome>(
  start: (options: { signal: AbortSignal; onEvent(event: SessionEvent): void }) => Promise<Outcome>,
  options: { signal?: AbortSignal | undefined; onEvent?: ((event: SessionEvent) => void) | undefined } = {},
  watcher: RunWatcher = new RunWatcher(),
): AsyncGenerator<RunProgress, Outcome> {
  const { signal, onEvent } = options;
  const stop = new AbortController();
  const outcome = start({
    signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
    onEvent: (event) => {
      watcher.add(event);
      onEvent?.(event);
    },
  });
  let ended = false;
  const end = outcome.then(
    () => (ended = true),
    () => (ended = true),
  );
  try {
    for (;;) {
      await Promise.race([watcher.changed, end]);
      if (ended) return await outcome;
      yield watcher.snapshot();
      await Promise.race([sleep(SNAPSHOT_MS, undefined, { ref: false }), end]);
    }
  } finally {
    stop.abort();
  }
}

/** Tells every snapshot, and returns the outcome. When telling fails, the run is stopped. */
export async function followRun<Outcome>(
  steps: AsyncGenerator<RunProgress, Outcome>,
  tell: (progress: RunProgress) => unknown,
): Promise<Outcome> {
  try {
    for (;;) {
      const { done, value } = await steps.next();
      if (done) return value;
      await tell(value);
    }
  } finally {
    await steps.return(undefined as never);
  }
}

/** Keeps the end of what a run has printed, and what it waits for. */
export class RunWatcher {
  /** Resolves when there is something new. */
  changed: Promise<void>;
  readonly #text = { stdout: '', stderr: '' };
  readonly #cut = { stdout: 0, stderr: 0 };
  readonly #requests = new Map<string, ApprovalRequest>();
  #runId = '';
  #wake: () => void = () => {};

  constructor() {
    this.changed = this.#nextChange();
  }

  add(event: SessionEvent): void {
    switch (event.type) {
      case 'run-start':
        this.#runId = event.runId;
        return;
      case 'output': {
        const { stream, text } = event;
        const whole = this.#text[stream] + text;
        this.#text[stream] = whole.slice(-SNAPSHOT_CHARS);
        this.#cut[stream] += whole.length - this.#text[stream].length;
        break;
      }
      case 'approval-request':
        this.#runId = event.runId;
        this.#requests.set(event.request.requestId, event.request);
        break;
      case 'approval-decision':
        this.#requests.delete(event.decision.requestId);
        break;
      default:
        return;
    }
    this.#wake();
  }

  snapshot(): RunProgress {
    this.changed = this.#nextChange();
    const requests = [...this.#requests.values()];
    const printed = { runId: this.#runId, stdout: this.#shown('stdout'), stderr: this.#shown('stderr') };
    return requests.length === 0
      ? { status: 'running', ...printed }
      : { status: 'awaiting-approval', ...printed, requests };
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
