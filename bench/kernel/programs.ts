import { LARGE_CHARS, PAUSE_MS } from './host-tools.ts';
import type { Program, Programs } from './peer.ts';

/** The words in which one peer says what every peer's programs do. */
export interface Dialect {
  onePlusOne: string;
  calls(count: number): string;
  gathered(count: number, ms: number): string;
  largeIn: string;
  largeOut(chars: number): string;
  remember(value: number): string;
  recall: string;
}

export function programsFrom(dialect: Dialect): Programs {
  return {
    onePlusOne: equal(dialect.onePlusOne, 2),
    calls: (count) => equal(dialect.calls(count), count - 1),
    gathered: (count) => equal(dialect.gathered(count, PAUSE_MS), count),
    largeIn: equal(dialect.largeIn, LARGE_CHARS),
    largeOut: {
      code: dialect.largeOut(LARGE_CHARS),
      expect: (result) => typeof result === 'string' && result.length === LARGE_CHARS,
    },
    remember: (value) => ({ code: dialect.remember(value), expect: () => true }),
    recall: (value) => equal(dialect.recall, value),
  };
}

function equal(code: string, wanted: number): Program {
  return { code, expect: (result) => result === wanted };
}
