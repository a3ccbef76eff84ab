import { describe, expect, it } from 'vitest';
import { describeResult } from '../../src/prompts/describe-result.ts';
import type { JsonValue, OutputChunk, RunResult } from '../../src/run-result.ts';

const png = 'iVBORw0KGgoAAAANSUhEUgAAAoAAAAHgCAYAAAA10dzk';

function run(rest: Partial<RunResult> & { status?: RunResult['status'] } = {}): RunResult {
  const base = { runId: 'r', stdout: '', stderr: '', output: [], displays: [], calls: [], durationMs: 1 };
  return { ...base, status: 'completed', result: undefined, ...rest } as RunResult;
}
const out = (text: string): OutputChunk => ({ stream: 'stdout', text });
const err = (text: string): OutputChunk => ({ stream: 'stderr', text });
const valueText = (result: JsonValue) => describeResult(run({ result }));

describe('describeResult', () => {
  it('says so when there is nothing', () => {
    expect(describeResult(run())).toBe('(no output)');
    expect(describeResult(run({ output: [out('\n')] }))).toBe('(no output)');
  });

  it('gives output in order, stderr marked, then the value', () => {
    const output = [out('one\ntw'), out('o'), err('Warning: old\n'), err('twice\n'), out('three\n')];
    expect(describeResult(run({ output, result: { a: true, b: [null, 1.5, 'x"y'] } }))).toBe(
      `one
two
[stderr]
Warning: old
twice
[end of stderr]
three
Result: {"a": True, "b": [None, 1.5, "x\\"y"]}`,
    );
  });

  it('leaves out terminal codes and what a progress bar drew over', () => {
    const output = [out('\u001b[31mred\u001b[0m\r\n'), err('10%\r50%\r100%|####|\n\u001b]0;title\u0007done\n')];
    expect(describeResult(run({ output }))).toBe('red\n[stderr]\n100%|####|\ndone\n[end of stderr]');
  });

  it('gives the traceback of a failed program, after its output', () => {
    const error = {
      name: 'ZeroDivisionError',
      message: 'division by zero',
      traceback: 'Traceback …\nZeroDivisionError: division by zero\n',
      line: 1,
    };
    expect(describeResult(run({ status: 'failed', error, output: [out('x\n')] }))).toBe(
      'x\nTraceback …\nZeroDivisionError: division by zero',
    );
  });

  it('puts the sentence of an interrupted or crashed run last, and lost variables first', () => {
    const message = 'Stopped after 30 s of computing. The variables are kept.';
    expect(
      describeResult(
        run({
          status: 'interrupted',
          reason: 'timeout',
          message,
          stateKept: true,
          stateLost: true,
          output: [out('step 1\n')],
        }),
      ),
    ).toBe(
      `[The Python session is new: variables, imports and functions of earlier runs are gone. Define again what you need.]
step 1
Stopped after 30 s of computing. The variables are kept.`,
    );
    const detail = { signal: 'SIGSEGV', stderrTail: 'Fatal Python error\n', message: 'Python crashed (SIGSEGV).' };
    expect(describeResult(run({ status: 'crashed', detail }))).toBe(
      'Python crashed (SIGSEGV).\n[stderr]\nFatal Python error',
    );
  });

  it('lists displays without their bytes', () => {
    const displays = [
      { data: { 'image/png': png, 'text/plain': '<Figure>' } },
      { data: { 'text/html': '<b>x</b>' } },
      { data: { 'text/html': '<table>', 'text/plain': '  a\n0 1' } },
      { data: { 'application/x': '{}' } },
    ];
    expect(describeResult(run({ displays }))).toBe(
      '[image/png 640x480 shown]\n<b>x</b>\n  a\n0 1\n[application/x shown]',
    );
  });

  it('passes over a repr that only names the class, when there is more', () => {
    const repr = '<IPython.core.display.HTML object>';
    const html = { data: { 'text/plain': repr, 'text/html': '<b>x</b>' } };
    expect(describeResult(run({ displays: [html, { data: { 'text/plain': repr } }] }))).toBe(`<b>x</b>\n${repr}`);
    const result = { ...html, isResult: true as const };
    expect(describeResult(run({ displays: [result], result: {} }))).toBe('Result: <b>x</b>');
  });

  it('prefers the rich form of the result', () => {
    const table = { isResult: true as const, data: { 'text/html': '<table>', 'text/plain': '   a\n0  1' } };
    expect(describeResult(run({ displays: [table], result: { $dataframe: {} } }))).toBe('Result:\n   a\n0  1');
    const figure = { isResult: true as const, data: { 'image/png': png } };
    expect(describeResult(run({ displays: [figure], result: { $object: { type: 'Figure', repr: '<Figure>' } } }))).toBe(
      'Result: [image/png 640x480 shown]',
    );
  });
});

describe('values', () => {
  it.each<[JsonValue, string]>([
    ['one line', 'Result: "one line"'],
    ['two\nlines', 'Result:\ntwo\nlines'],
    [{ $float: 'NaN' }, 'Result: nan'],
    [[{ $int: '9007199254740993' }, { $float: '-Infinity' }], 'Result: [9007199254740993, -inf]'],
    [{ $bytes: 'aGkiAA==' }, 'Result: b"hi\\"\\x00"'],
    [{ $bytes: 'QUFB'.repeat(100) }, `Result: <300 bytes: b"${'A'.repeat(80)}"…>`],
    [
      { at: { $datetime: '2026-01-02T03:04:05' }, took: { $timedelta: 1.5 } },
      'Result: {"at": datetime("2026-01-02T03:04:05"), "took": timedelta(seconds=1.5)}',
    ],
    [
      [{ $decimal: '1.10' }, { $path: 'a/b' }, { $complex: [1, { $float: 'NaN' }] }],
      'Result: [Decimal("1.10"), Path("a/b"), complex(1, nan)]',
    ],
    [{ $set: [1, 'a'] }, 'Result: {1, "a"}'],
    [{ $set: [] }, 'Result: set()'],
    [
      {
        $map: [
          [1, 'a'],
          [[1, 2], { $set: [] }],
        ],
      },
      'Result: {1: "a", [1, 2]: set()}',
    ],
    [{ $range: [0, 5, 1] }, 'Result: range(0, 5, 1)'],
    [{ $enum: { name: 'Color.RED', value: 1 } }, 'Result: <Color.RED: 1>'],
    [
      { $dataclass: { name: 'Point', fields: { x: 1, label: { $ref: "_['a']" } } } },
      "Result: Point(x=1, label=<the same as _['a']>)",
    ],
    [{ $object: { type: 'm.Thing', repr: '<Thing 7>' } }, 'Result: <Thing 7>'],
    [{ image: { $image: { mimeType: 'image/png', data: png } } }, 'Result: {"image": <image/png 640x480>}'],
    [
      {
        $ndarray: {
          dtype: 'int64',
          shape: [2, 2],
          data: [
            [1, 2],
            [3, 4],
          ],
        },
      },
      'Result: array([[1, 2], [3, 4]], dtype=int64, shape=2, 2)',
    ],
    [
      { $ndarray: { dtype: 'int64', shape: [20000], first: [0, 1], omitted: 19998 } },
      'Result: array([0, 1, … 19,998 more], dtype=int64, shape=20000)',
    ],
    [
      { $series: { name: 'n', dtype: 'object', length: 2, values: ['a', null], index: [3, 4] } },
      'Result: Series(["a", None], index=[3, 4], name="n", dtype=object)',
    ],
    [
      {
        $dataframe: {
          shape: [3, 2],
          columns: ['city', 'temp'],
          dtypes: [],
          index: ['x', 'y'],
          rows: [
            ['Oslo', 1.5],
            ['New\nYork', null],
          ],
          omitted: 1,
        },
      },
      'Result:\nDataFrame 3x2\n | city | temp\nx | Oslo | 1.5\ny | New York | None\n[… 1 more rows; the value is in _]',
    ],
    [[{ $dataframe: { shape: [3, 2], columns: ['city', 'temp'] } }], 'Result: [<DataFrame 3x2: "city", "temp">]'],
    [
      {
        $truncated: {
          type: 'list',
          bytes: 5_000_000,
          length: 100_000,
          preview: '[0, 1, …',
          how: 'The whole value is in `_`.',
        },
      },
      'Result:\n[0, 1, …\n[list, length 100,000, about 5,000,000 bytes; only the start is shown. The whole value is in `_`.]',
    ],
    // What only looks like a form, or is none.
    [{ $int: { $set: 1 } }, 'Result: {"$int": {"$set": 1}}'],
    [{ $constructor: 1 }, 'Result: {"$constructor": 1}'],
    [{ $set: [1], b: 2 }, 'Result: {"$set": [1], "b": 2}'],
  ])('%j', (value, expected) => {
    expect(valueText(value)).toBe(expected);
  });

  it('gives a long list or dict a line per entry', () => {
    const rows = Array.from({ length: 3 }, (_, id) => ({ id, title: 'a title that is rather long for one line' }));
    expect(valueText(rows)).toBe(
      `Result:
[
  {"id": 0, "title": "a title that is rather long for one line"},
  {"id": 1, "title": "a title that is rather long for one line"},
  {"id": 2, "title": "a title that is rather long for one line"},
]`,
    );
  });

  it('survives values nested beyond reason', () => {
    let value: JsonValue = 1;
    for (let depth = 0; depth < 100_000; depth++) value = [value];
    expect(valueText(value).length).toBeLessThan(1_000);
  });
});

describe('long results', () => {
  it('are cut in the middle, with how to read the rest', () => {
    const text = describeResult(run({ result: `${'a'.repeat(600)}\n${'b'.repeat(600)}` }), { maxChars: 200 });
    expect(text).toBe(
      `Result:\n${'a'.repeat(76)}\n[… 1,090 of 1,209 characters cut here; the value is in _; print a part of it …]\n${'b'.repeat(35)}`,
    );
  });

  it('share the room: short parts stay whole, and the whole keeps to its limit', () => {
    const traceback = 'Traceback\nValueError: no';
    const failed = run({
      status: 'failed',
      error: { name: 'ValueError', message: 'no', traceback },
      output: [out('x'.repeat(50_000))],
      stateLost: true,
    });
    const text = describeResult(failed);
    expect(text.length).toBeLessThanOrEqual(20_000);
    expect(text.length).toBeGreaterThan(19_900);
    expect(text.startsWith('[The Python session is new')).toBe(true);
    expect(text.endsWith(traceback)).toBe(true);
    expect(text.match(/\[… .* …\]/u)?.[0]).toBe(
      '[… 30,218 of 50,000 characters cut here; print less, or a part at a time …]',
    );
  });

  it('never split a character', () => {
    for (let maxChars = 100; maxChars < 140; maxChars++) {
      const text = describeResult(run({ output: [out('😀'.repeat(500))] }), { maxChars });
      expect(text.isWellFormed?.() ?? true).toBe(true);
      expect(text.length).toBeLessThanOrEqual(maxChars);
    }
  });

  it('are cheap to make of hostile output', () => {
    // A quadratic search in this takes minutes, which no test may.
    const text = describeResult(
      run({ output: [out(`${' '.repeat(1_000_000)}x${'\r'.repeat(200_000)}${'\u001b]'.repeat(200_000)}`)] }),
    );
    expect(text.length).toBeLessThanOrEqual(20_000);
  });
});
