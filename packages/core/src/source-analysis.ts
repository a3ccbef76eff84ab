import { CodeModeError } from './errors.ts';
import type { Executor, Kernel } from './executors/executor.ts';
import type { AnalysisKind } from './namespaces/session-services.ts';
import type { JsonValue } from './run-result.ts';

const TIMEOUT_MS = 10_000;

/**
 * Parses Python source with Python's own parser, in a kernel of its own that no model's code has touched. Nothing of
 * the source runs.
 * @throws CodeModeError `invalid_source` with Python's sentence when it cannot be parsed; `kernel_start_failed`; `kernel_lost`,
 *   which says nothing of the source
 */
export async function analyseSource(executor: Executor, kind: AnalysisKind, source: string): Promise<JsonValue> {
  // Kernels never keep Node alive; work in progress must.
  const alive = setInterval(() => {}, 2 ** 30);
  try {
    return await analyseIn(await executor.open(), kind, source);
  } finally {
    clearInterval(alive);
  }
}

async function analyseIn(kernel: Kernel, kind: AnalysisKind, source: string): Promise<JsonValue> {
  try {
    return await new Promise<JsonValue>((resolve, reject) => {
      const late = failed('kernel_lost', `it took longer than ${TIMEOUT_MS} ms`);
      const timer = setTimeout(() => reject(late), TIMEOUT_MS);
      kernel.listener = {
        message: (message) => {
          if (message.type !== 'analysis') return;
          clearTimeout(timer);
          if (message.error === undefined) resolve(message.result ?? null);
          else reject(new CodeModeError('invalid_source', message.error));
        },
        output: () => {},
        exit: (exit) => {
          clearTimeout(timer);
          // Whatever ends a process by SIGKILL is not the parser, and may not be there the next time.
          const isLost = exit.fault !== undefined || exit.signal === 'SIGKILL';
          const why = exit.fault?.message ?? `Python ended (${exit.signal ?? exit.exitCode}) while it parsed`;
          reject(failed(isLost ? 'kernel_lost' : 'invalid_source', why));
        },
      };
      kernel.send({ type: 'analyse', requestId: 1, kind, source });
    });
  } finally {
    await kernel.kill();
  }
}

function failed(code: 'kernel_lost' | 'invalid_source', why: string): CodeModeError {
  return new CodeModeError(code, `The source could not be parsed: ${why}.`);
}
