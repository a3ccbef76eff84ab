import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { excessOf } from '../../src/wire/json-excess.ts';

const DEEP = 'is nested deeper than 250 levels';
const MANY = 'has more than 4,000,000 values';
/** Only JSON of this size is looked at. */
const PADDING = ' '.repeat(8_000_000);

describe('excess', () => {
  test.each([
    ['a deep list', '['.repeat(100_000) + ']'.repeat(100_000), DEEP],
    ['a deep object', '{"a":'.repeat(100_000), DEEP],
    ['251 levels', '['.repeat(251), DEEP],
    ['250 levels', '['.repeat(250), undefined],
    ['250 levels again and again', `${'['.repeat(250)}${']'.repeat(250)},`.repeat(1_000), undefined],
    ['brackets in a string', `"${'['.repeat(1_000)}"`, undefined],
    ['brackets in a string with quotes', `"${'\\"['.repeat(1_000)}"`, undefined],
    ['brackets behind a string that ends in a backslash', `"${'x'.repeat(100)}\\\\"${'['.repeat(251)}`, DEEP],
    ['brackets behind a short string that ends in a backslash', `"\\\\"${'['.repeat(251)}`, DEEP],
    ['a string without an end', `"${'['.repeat(1_000)}`, undefined],
  ])('%s', (_title, json, excess) => {
    expect(excessOf(Buffer.from(PADDING + json))).toBe(excess);
  });

  test.each([
    ['ten million empty lists', `[${'[],'.repeat(10_000_000)}[]]`, MANY],
    ['four million numbers', `[${'0,'.repeat(3_999_998)}0]`, undefined],
    ['one more', `[${'0,'.repeat(3_999_999)}0]`, MANY],
    ['commas in a text', JSON.stringify(',"'.repeat(5_000_000)), undefined],
  ])('%s', (_title, json, excess) => {
    expect(excessOf(Buffer.from(json))).toBe(excess);
  });

  test('strings are skipped as JSON.parse reads them', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('"', '\\', '[', 'x') }), { maxLength: 30 }), (texts) => {
        const json = JSON.stringify(texts);
        expect(excessOf(Buffer.from(`${PADDING}${json}${'['.repeat(251)}`))).toBe(DEEP);
        expect(excessOf(Buffer.from(`${PADDING}${'['.repeat(249)}${json}`))).toBe(undefined);
      }),
      { numRuns: 20 },
    );
  });
});
