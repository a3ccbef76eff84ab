import { shorten } from '../../prompts/plain-text.ts';
import type { Metadata, Storage } from '../../storage/storage.ts';
import { SmallDocuments } from './small-documents.ts';
import type { WorkflowStats } from './workflow.ts';

/** Every list of the workflows carries it. */
const MAX_ERROR_CHARS = 1_000;

/** Counts the calls of workflows, for all sessions on the store together. */
export class WorkflowStatistics {
  readonly #documents: SmallDocuments;

  constructor(storage: Storage) {
    this.#documents = new SmallDocuments(storage, 'workflow-stats');
  }

  async get(name: string): Promise<WorkflowStats> {
    return toStats(await this.#documents.get(name));
  }

  /** By name; a name without calls is not there. */
  async all(): Promise<Map<string, WorkflowStats>> {
    return new Map([...(await this.#documents.all())].map(([name, metadata]) => [name, toStats(metadata)]));
  }

  /** @param error what a call that failed said */
  async count(name: string, { durationMs, error }: { durationMs: number; error?: string | undefined }): Promise<void> {
    const at = new Date().toISOString();
    await this.#documents.update(name, (before) => {
      const { runs, failures, totalMs, ...last } = readCounts(before);
      return {
        ...last,
        runs: runs + 1,
        failures: failures + (error === undefined ? 0 : 1),
        totalMs: totalMs + durationMs,
        lastRunAt: at,
        ...(error !== undefined && { lastError: { message: shorten(error, MAX_ERROR_CHARS), at } }),
      };
    });
  }

  async forget(name: string): Promise<void> {
    await this.#documents.delete(name);
  }
}

export const noStats: WorkflowStats = { runs: 0, failures: 0 };

function toStats(metadata: Metadata | undefined): WorkflowStats {
  const { runs, failures, totalMs, ...last } = readCounts(metadata);
  return { runs, failures, ...(runs > 0 && { meanMs: totalMs / runs }), ...last };
}

function readCounts(metadata: Metadata = {}) {
  const number = (value: unknown) => (typeof value === 'number' ? value : 0);
  const { lastRunAt, lastError } = metadata;
  return {
    runs: number(metadata.runs),
    failures: number(metadata.failures),
    totalMs: number(metadata.totalMs),
    ...(typeof lastRunAt === 'string' && { lastRunAt }),
    ...(typeof lastError === 'object' &&
      lastError !== null && { lastError: lastError as { message: string; at: string } }),
  };
}
