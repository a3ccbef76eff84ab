import { expect } from 'vitest';
import { CodeModeError } from '../../errors.ts';
import type { Executor, KernelLimits } from '../../executors/executor.ts';
import type { Run, RunState } from '../../run.ts';
import type { RunResult } from '../../run-result.ts';
import type { Session } from '../../session.ts';
import type { SessionOptions } from '../../session-options.ts';

export interface ExecutorConformanceOptions {
  /**
   * Makes an executor; the suite closes it. `limits` are passed by the cases about limits.
   * @throws CodeModeError `unsupported_feature` for a limit that the executor does not declare; it may also throw on `open`
   */
  open(limits?: KernelLimits): Executor | Promise<Executor>;
}

/** What the cases of the suite work with. */
export interface ConformanceContext {
  readonly open: ExecutorConformanceOptions['open'];
  /** The executor that most cases share. */
  executor(): Executor;
  /** The session that most cases share: a case leaves nothing in it that another could stumble over. */
  session(): Session;
  /** Runs code in the shared session. */
  run(code: string, options?: { timeoutMs?: number; signal?: AbortSignal }): Promise<RunResult>;
  /** Runs code that must complete in the shared session, and returns its result. */
  value(code: string): Promise<unknown>;
  /** A session of the case's own on the shared executor, with the sample tools. */
  fresh(options?: SessionOptions): Session;
}

/** The result of a run that must have completed. */
export function completed(result: RunResult): unknown {
  expect(result.status === 'completed' ? 'completed' : result).toBe('completed');
  return result.status === 'completed' ? result.result : undefined;
}

/** `Name: message` of a run that must have failed. */
export function failure(result: RunResult): string {
  expect(result.status).toBe('failed');
  return result.status === 'failed' ? `${result.error.name}: ${result.error.message}` : '';
}

/** The requests a run waits for: it must wait for some. */
export async function requestsOf(run: Run) {
  const state: RunState = await run.settled();
  expect(state.kind).toBe('approval');
  return state.kind === 'approval' ? state.requests : [];
}

/** The result of a run that must not wait for anybody. */
export async function resultOf(run: Run) {
  const state = await run.settled();
  if (state.kind !== 'finished') throw new Error('The run waits for approval.');
  return state.result;
}

/** `code: message` of what must throw. */
export function refusal(act: () => void): string {
  try {
    act();
    return 'accepted';
  } catch (error) {
    return CodeModeError.isInstance(error) ? `${error.code}: ${error.message}` : String(error);
  }
}
