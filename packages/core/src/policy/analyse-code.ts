import type { CodeFacts } from '../code-facts.ts';
import { CodeModeError } from '../errors.ts';
import type { Executor } from '../executors/executor.ts';
import { analyseSource } from '../source-analysis.ts';

const LISTS = ['imports', 'fileWrites', 'shell', 'network', 'dynamicCode', 'tools', 'workflows'];

/**
 * What code does, as far as its syntax tells. Nothing of it runs.
 * @throws CodeModeError `invalid_source` when it cannot be parsed; `kernel_start_failed`
 */
export async function analyseCode(executor: Executor, code: string): Promise<CodeFacts> {
  const facts: unknown = await analyseSource(executor, 'code', code);
  if (isFacts(facts)) return facts;
  throw new CodeModeError('invalid_source', 'Python said nothing of the code.');
}

function isFacts(value: unknown): value is CodeFacts {
  return typeof value === 'object' && value !== null && LISTS.every((list) => Array.isArray(Reflect.get(value, list)));
}
