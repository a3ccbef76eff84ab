import { describeDisplay, pythonValue, type RunResult } from '@code-mode/core';
import { z } from 'zod';
import { DISPLAY_FIELDS, displayFields } from '../display-fields.ts';

/** Longest text of one field, in characters. */
const MAX_CHARS = 100 * 1024;

/** What `python_exec` tells of a run: these fields each time, partial output too. */
export const EXEC_FIELDS = {
  stdout: z.string(),
  stderr: z.string(),
  result: z.string().nullable().describe('The value of the last expression, as Python writes it.'),
  error: z.string().nullable().describe('The traceback without colours, or what ended the run.'),
  kernel_id: z.string(),
  success: z.boolean(),
  ...DISPLAY_FIELDS,
  message: z.string().optional().describe('Only when variables were lost.'),
};

export type ExecFields = z.infer<z.ZodObject<typeof EXEC_FIELDS>>;

export function execFields(result: RunResult, kernelId: string): ExecFields {
  const cut = <T extends string | null>(key: string, text: T) =>
    text === null || text.length <= MAX_CHARS ? text : `${text.slice(0, MAX_CHARS)}\n[${key} truncated at 100KB]`;
  const error = errorOf(result, kernelId);
  const { displays, ...omitted } = displayFields(result);
  return {
    stdout: cut('stdout', result.stdout),
    stderr: cut('stderr', result.stderr),
    result: cut('result', shownValue(result)),
    error: cut('error', error),
    kernel_id: kernelId,
    success: result.status === 'completed',
    ...(displays && { displays: displays.map((text) => cut('display', text)) }),
    ...omitted,
    ...(result.stateLost && { message: 'The kernel is new: variables of earlier code are gone.' }),
  };
}

function shownValue(result: RunResult): string | null {
  if (result.status !== 'completed') return null;
  const rich = result.displays.find(({ isResult }) => isResult);
  if (rich) return describeDisplay(rich);
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
