import type { SessionLimits } from './limits.ts';
import { RunDisplays } from './run-displays.ts';
import { RunOutput, type SaveOutput } from './run-output.ts';
import type { CallRecord, RunResultBase } from './run-result.ts';

/** What one run leaves behind, however it ends: output, displays, calls, times. */
export class RunRecord {
  readonly output: RunOutput;
  readonly displays: RunDisplays;
  readonly calls: CallRecord[] = [];
  readonly #runId: string;
  #startedAt = performance.now();
  #endedAt = 0;
  #stateLost = false;

  constructor(runId: string, limits: SessionLimits, saveOutput: SaveOutput) {
    this.#runId = runId;
    this.output = new RunOutput(limits, saveOutput);
    this.displays = new RunDisplays(limits);
  }

  /** @param stateLost whether variables of earlier runs are gone */
  start(stateLost: boolean): void {
    this.#stateLost = stateLost;
    this.#startedAt = performance.now();
  }

  end(): void {
    this.#endedAt = performance.now();
  }

  /** What every result has. */
  base(): RunResultBase {
    const output = this.output.chunks();
    const { artifact } = this.output;
    const { kept, omitted } = this.displays;
    const text = (stream: string) => output.map((chunk) => (chunk.stream === stream ? chunk.text : '')).join('');
    return {
      runId: this.#runId,
      stdout: text('stdout'),
      stderr: text('stderr'),
      output,
      ...(artifact !== undefined && { outputArtifact: artifact }),
      displays: kept,
      ...(omitted > 0 && { displaysOmitted: omitted }),
      calls: this.calls,
      durationMs: this.#endedAt - this.#startedAt,
      ...(this.#stateLost && { stateLost: true }),
    };
  }
}
