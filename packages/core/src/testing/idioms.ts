import { expect, test } from 'vitest';
import type { RunResult } from '../run-result.ts';
import type { ConformanceContext } from './conformance/context.ts';
import { language } from './idioms/language.ts';
import { mistakes } from './idioms/mistakes.ts';
import { standardLibrary } from './idioms/standard-library.ts';
import { toolUse } from './idioms/tool-use.ts';

/** A program that a model writes, and what must come of it. */
export interface Idiom {
  title: string;
  /** One run, or several in one session. */
  code: string | string[];
  /** A Python expression: the idiom is skipped where it is false. */
  needs?: { expression: string; reason: string };
  /** Of the last run. What is not named must be empty, absent or completed. */
  expect: {
    result?: unknown;
    stdout?: string;
    stderr?: string;
    /** `Name: message`. */
    error?: string;
    /** Names of the calls made in the last run, with their outcome unless it is `completed`. */
    calls?: string[];
    /** MIME types of the displays. */
    displays?: string[][];
  };
}

/** What a model writes first. The expected outcome is exact. */
export const idioms: readonly Idiom[] = [...toolUse, ...language, ...standardLibrary, ...mistakes];

export function idiomCases({ fresh, value }: ConformanceContext): void {
  // One session for all: every idiom must also work after the others.
  let session: ReturnType<typeof fresh> | undefined;

  test.for(idioms)('$title', async ({ code, needs, expect: expected }, { skip }) => {
    if (needs && (await value(needs.expression)) !== true) skip(needs.reason);
    session ??= fresh();
    let last: RunResult | undefined;
    for (const part of [code].flat()) last = await session.run(part);
    expect(summary(last as RunResult)).toEqual({
      result: undefined,
      stdout: '',
      stderr: '',
      error: undefined,
      calls: [],
      displays: [],
      ...expected,
    });
  });
}

function summary(result: RunResult): Required<Idiom['expect']> {
  return {
    result: result.status === 'completed' ? withoutAddresses(result.result) : undefined,
    stdout: result.stdout,
    stderr: result.stderr,
    error: errorOf(result) as string,
    calls: result.calls.map(({ name, status }) => (status === 'completed' ? name : `${name} ${status}`)),
    displays: result.displays.map(({ data }) => Object.keys(data)),
  };
}

function errorOf(result: RunResult): string | undefined {
  if (result.status === 'completed') return undefined;
  // Newer Pythons guess what was meant.
  if (result.status === 'failed')
    return `${result.error.name}: ${result.error.message.replace(/\. Did you mean: '\w+'\?/, '')}`;
  return result.status;
}

function withoutAddresses(value: unknown): unknown {
  return value === undefined ? value : JSON.parse(JSON.stringify(value).replace(/ at 0x[0-9a-f]+/g, ' at 0x…'));
}
