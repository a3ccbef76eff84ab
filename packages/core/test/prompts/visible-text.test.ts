import { describe, expect, test } from 'vitest';
import { describeOutput } from '../../src/prompts/describe-output.ts';
import { describeRequest } from '../../src/prompts/describe-request.ts';
import { describeResult } from '../../src/prompts/describe-result.ts';
import { visibleLine, visibleText } from '../../src/prompts/visible-text.ts';
import type { RunResult } from '../../src/run-result.ts';

const base = { runId: 'r1', stdout: '', stderr: '', output: [], displays: [], calls: [], durationMs: 1 };
/** A colour, a window title, a right-to-left override, tags that spell `hi`, a zero-width space. */
const TRAP = '\u001b[31m\u001b]0;x\u0007\u202e\u{e0068}\u{e0069}\u200b';
const SHOWN = '\\u001b[31m\\u001b]0;x\\u0007\\u202e\\U000e0068\\U000e0069\\u200b';

describe('visible text', () => {
  test.each([
    ['a plain text\n\twith lines', 'a plain text\n\twith lines'],
    ['Windows lines\r\n', 'Windows lines\n'],
    ['over\rwritten', 'over\\u000dwritten'],
    [
      'naïve 日本語 👩\u200d💻 ❤\ufe0f می\u200cخواهم soft\u00adhyphen',
      'naïve 日本語 👩\u200d💻 ❤\ufe0f می\u200cخواهم soft\u00adhyphen',
    ],
    [TRAP, SHOWN],
    ['\u0000\u009b\u2028\u2029\ufeff\u2066', '\\u0000\\u009b\\u2028\\u2029\\ufeff\\u2066'],
  ])('%j', (text, visible) => {
    expect(visibleText(text)).toBe(visible);
  });

  test('on one line', () => {
    expect(visibleLine('a\nb\tc')).toBe('a\\u000ab\\u0009c');
  });
});

describe('nothing hidden reaches the model', () => {
  const results: [string, RunResult, string][] = [
    ['a value of several lines', { ...base, status: 'completed', result: `a\n${TRAP}` }, `Result:\na\n${SHOWN}`],
    [
      'the text of an object',
      { ...base, status: 'completed', result: { $object: { type: 'm.N', repr: TRAP } } },
      `Result: ${SHOWN}`,
    ],
    [
      'the name of a type',
      { ...base, status: 'completed', result: { $dataclass: { name: TRAP, fields: {} } } },
      `Result: ${SHOWN}()`,
    ],
    ['a display', { ...base, displays: [{ data: { 'text/plain': TRAP } }], status: 'completed', result: null }, SHOWN],
    [
      'a type of display',
      { ...base, displays: [{ data: { [TRAP]: 'x' } }], status: 'completed', result: null },
      `[${SHOWN} shown]`,
    ],
    [
      'an error',
      { ...base, status: 'failed', error: { name: 'E', message: TRAP, traceback: `E: ${TRAP}` } },
      `E: ${SHOWN}`,
    ],
    [
      'an error without a traceback',
      { ...base, status: 'failed', error: { name: TRAP, message: 'm', traceback: '' } },
      `${SHOWN}: m`,
    ],
    ['a reason', { ...base, status: 'interrupted', reason: 'denied', message: TRAP, stateKept: true }, SHOWN],
    ['a crash', { ...base, status: 'crashed', detail: { message: TRAP, stderrTail: '' } }, SHOWN],
    [
      'what was printed, where colours go and the rest is shown',
      { ...base, output: [{ stream: 'stdout', text: `${TRAP}\n` }], status: 'completed', result: null },
      '\\u202e\\U000e0068\\U000e0069\\u200b',
    ],
  ];
  test.each(results)('%s', (_title, result, text) => {
    expect(describeResult(result)).toBe(text);
  });

  test('of a run that did not end', () => {
    const output = { runId: 'r1', status: 'running', stdout: `${TRAP}\n`, stderr: '\u001b[1mbold\u001b[0m\n' } as const;
    expect(describeOutput(output)).toBe('\\u202e\\U000e0068\\U000e0069\\u200b\nbold\n[The run did not end.]');
  });

  test('in the line that says what waits for approval', () => {
    expect(describeRequest({ toolName: 'pay', arguments: { [`to\n${TRAP}`]: TRAP }, reason: `because\n${TRAP}` })).toBe(
      `tools.pay(to\\u000a${SHOWN}="${SHOWN}") (because\\u000a${SHOWN})`,
    );
  });
});
