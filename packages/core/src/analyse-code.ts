import type { CodeFacts } from './code-facts.ts';
import { CodeModeError } from './errors.ts';
import type { Executor } from './executors/executor.ts';
import { sharedExecutor } from './session-kernel.ts';
import { analyseSource } from './source-analysis.ts';
import { sha256 } from './storage/values.ts';
import { isSchema } from './tool-sources/schema-shape.ts';

export interface AnalyseCodeOptions {
  /** Where Python parses the code. @defaultValue the `SubprocessExecutor` that sessions share */
  executor?: Executor;
}

/**
 * What a program does, told by the names in its code: the program as a run executes it, without its Markdown fence. It
 * is parsed in a fresh kernel that no model's code has touched, and never executed. Each text is analysed once.
 *
 * Facts speak of one text. What an earlier run of the session has defined was reported with that run.
 * @throws CodeModeError `invalid_source` with Python's sentence when it cannot be parsed: it cannot run either;
 *   `kernel_start_failed`; `kernel_lost`, which says nothing of the code
 */
export async function analyseCode(code: string, options: AnalyseCodeOptions = {}): Promise<CodeFacts> {
  const executor = options.executor ?? (await sharedExecutor());
  const known = knownTo(executor);
  const hash = sha256(code);
  let facts = known.get(hash);
  if (facts === undefined) {
    facts = analyseSource(executor, 'code', code).then(readFacts);
    known.set(hash, facts);
    facts.catch(() => known.delete(hash));
    if (known.size > keptFacts) known.delete(known.keys().next().value as string);
  }
  // A copy: who changes it must not change what the next one is told.
  return structuredClone(await facts);
}

const keptFacts = 500;
const analysed = new WeakMap<Executor, Map<string, Promise<CodeFacts>>>();

function knownTo(executor: Executor): Map<string, Promise<CodeFacts>> {
  const known = analysed.get(executor) ?? new Map<string, Promise<CodeFacts>>();
  analysed.set(executor, known);
  return known;
}

function readFacts(value: unknown): CodeFacts {
  const { imports, fileWrites, shell, network, dynamicCode, tools, workflows } = isSchema(value) ? value : {};
  const isRead =
    [imports, tools, workflows].every((list) => isListOf(list, (item) => typeof item === 'string')) &&
    [fileWrites, shell, network, dynamicCode].every((list) => isListOf(list, isFact));
  if (isRead) return { imports, fileWrites, shell, network, dynamicCode, tools, workflows } as CodeFacts;
  throw new CodeModeError('invalid_source', 'The code could not be analysed: Python answered in another form.');
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isFact(value: unknown): boolean {
  return isSchema(value) && typeof value.what === 'string' && typeof value.line === 'number';
}
