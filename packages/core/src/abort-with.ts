import type { ActiveRun } from './active-run.ts';

/** Aborts a run when the signal does, also when it has already. The signal outlives many runs, and forgets this one. */
export function abortWith(run: ActiveRun, signal: AbortSignal | undefined): void {
  if (!signal) return;
  const abort = () => run.abort();
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  const forget = () => signal.removeEventListener('abort', abort);
  run.finished.then(forget, forget);
}
