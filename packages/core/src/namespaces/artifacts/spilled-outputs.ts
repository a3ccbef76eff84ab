import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionEvent } from '../../events.ts';
import type { ArtifactLibrary } from './artifact-library.ts';

/** Of one session; older ones are deleted. */
const KEPT = 20;
/** A storage that does not answer holds up no result for longer. */
const MAX_MS = 10_000;

/** Long outputs of runs, kept as artifacts so that the model can read what its text left out. */
export class SpilledOutputs {
  readonly #library: ArtifactLibrary;
  readonly #emit: (event: SessionEvent) => void;
  readonly #names: string[] = [];

  constructor(library: ArtifactLibrary, emit: (event: SessionEvent) => void) {
    this.#library = library;
    this.#emit = emit;
  }

  /** Returns the artifact's name, or undefined when it could not be saved. Never throws. */
  async save(runId: string, text: string): Promise<string | undefined> {
    const name = `runs/${runId}/output.txt`;
    const info = { type: 'text' as const, description: `What run ${runId} printed`, runId };
    const stop = new AbortController();
    try {
      const saving = this.#library.save(name, Buffer.from(text.toWellFormed()), info);
      const late = sleep(MAX_MS, undefined, { signal: stop.signal }).then(() =>
        Promise.reject(new Error(`the storage took longer than ${MAX_MS} ms`)),
      );
      await Promise.race([saving, late]);
    } catch (error) {
      this.#emit({
        type: 'warning',
        message: `The output of run ${runId} could not be kept: ${(error as Error).message}`,
      });
      return undefined;
    } finally {
      stop.abort();
    }
    this.#names.push(name);
    if (this.#names.length > KEPT) void this.#library.delete(this.#names.shift() as string).catch(() => {});
    return name;
  }
}
