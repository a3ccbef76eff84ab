import type { KernelExit } from './executors/executor.ts';
import type { RunResult } from './run-result.ts';

/** What a result says of a Python process that ended by itself. */
export function crashDetail(exit: KernelExit, stderrTail: string): Extract<RunResult, { status: 'crashed' }>['detail'] {
  return {
    ...(exit.exitCode !== undefined && { exitCode: exit.exitCode }),
    ...(exit.signal !== undefined && { signal: exit.signal }),
    ...(exit.limit !== undefined && { limit: exit.limit }),
    stderrTail,
    message: crashMessage(exit),
  };
}

/** The sentence for the model that says how its Python process ended. */
function crashMessage(exit: KernelExit): string {
  if (exit.fault) return exit.fault.message;
  const how = exit.signal ? `was ended by ${exit.signal}${hint(exit)}` : `exited with code ${exit.exitCode}`;
  return `The Python process ${how}; all variables are lost.`;
}

function hint({ signal, limit }: KernelExit): string {
  if (limit === 'memoryBytes') return ' (out of memory: limits.memoryBytes)';
  if (signal === 'SIGXCPU') return ' (limits.cpuSeconds)';
  if (signal === 'SIGKILL') return ' (out of memory, a CPU limit, or killed from outside)';
  if (signal === 'SIGSEGV') return ' (a crash in native code)';
  return '';
}
