import { pythonValue, type RunResult } from '@code-mode/core';

/** Longest text of one field, in characters. */
const MAX_CHARS = 100 * 1024;

/** What `python_exec` tells of a run: every field each time, partial output too. */
export interface ExecFields {
  stdout: string;
  stderr: string;
  /** The value of the last expression, as Python writes it. */
  result: string | null;
  /** The traceback without colours, or what ended the run. */
  error: string | null;
  kernel_id: string;
  success: boolean;
  /** Only when variables were lost. */
  message?: string;
}

export function execFields(result: RunResult, kernelId: string): ExecFields {
  const cut = <T extends string | null>(key: string, text: T) =>
    text === null || text.length <= MAX_CHARS ? text : `${text.slice(0, MAX_CHARS)}\n[${key} truncated at 100KB]`;
  const error = errorOf(result, kernelId);
  return {
    stdout: cut('stdout', result.stdout),
    stderr: cut('stderr', result.stderr),
    result: cut('result', shownValue(result)),
    error: cut('error', error),
    kernel_id: kernelId,
    success: result.status === 'completed',
    ...(result.stateLost && { message: 'The kernel is new: variables of earlier code are gone.' }),
  };
}

function shownValue(result: RunResult): string | null {
  if (result.status !== 'completed') return null;
  const rich = result.displays.find(({ isResult }) => isResult)?.data['text/plain'];
  if (rich !== undefined) return rich;
  return result.result === undefined || result.result === null ? null : pythonValue(result.result);
}

function errorOf(result: RunResult, kernelId: string): string | null {
  switch (result.status) {
    case 'completed':
      return null;
    case 'failed':
      return `${result.error.name}: ${result.error.message}\n${result.error.traceback}`;
    case 'interrupted':
      return result.reason === 'timeout' ? `Execution timed out: ${result.message}` : result.message;
    case 'crashed':
      return `Kernel ${kernelId} died: ${result.detail.message} The next code starts a new one.`;
  }
}
