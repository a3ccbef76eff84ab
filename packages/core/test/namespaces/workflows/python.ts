import type { RunResult } from '../../../src/run-result.ts';
import type { Session } from '../../../src/session.ts';

/** The value of the last expression. */
export async function pythonValue(session: Session, code: string): Promise<unknown> {
  return completed(await session.run(code));
}

function completed(result: RunResult): unknown {
  if (result.status !== 'completed') throw new Error(`The run did not complete: ${JSON.stringify(result, null, 1)}`);
  return result.result;
}

/** What the run raised. */
export async function pythonError(
  session: Session,
  code: string,
): Promise<{ name: string; message: string; traceback: string; line?: number }> {
  const result = await session.run(code);
  if (result.status !== 'failed') throw new Error(`The run did not fail: ${JSON.stringify(result, null, 1)}`);
  return result.error;
}

/** Python that saves `source`. */
export function save(name: string, source: string, description?: string): string {
  const parts = [name, source, ...(description === undefined ? [] : [description])];
  return `workflows.create(${parts.map((part) => JSON.stringify(part)).join(', ')})`;
}
