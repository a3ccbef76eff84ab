import { describe, expect, test } from 'vitest';
import { OutputCollector } from '../src/output-collector.ts';
import type { OutputChunk } from '../src/run-result.ts';

const MARK = /\n\[([\d,]+) bytes of (stdout|stderr) left out here: [^\]]*\]\n/g;

describe('OutputCollector', () => {
  test.each([1, 7, 1_000, 20_000, 300_000])('keeps the same of pieces of %i characters', (size) => {
    const all = Array.from({ length: 300_000 }, (_, at) => String(at % 10)).join('');
    const collector = new OutputCollector(100_000);
    for (let at = 0; at < all.length; at += size) collector.add('stdout', all.slice(at, at + size));
    expect(collector.bytes).toBe(300_000);
    const [chunk, ...others] = collector.chunks('less');
    expect(others).toEqual([]);
    expect(chunk?.text.length).toBe(100_000 + '\n[200,000 bytes of stdout left out here: less.]\n'.length);
    expect(chunk?.text.startsWith(`${all.slice(0, 75_000)}\n[200,000 bytes`)).toBe(true);
    expect(chunk?.text.endsWith(`less.]\n${all.slice(-25_000)}`)).toBe(true);
  });

  test('chunks may be asked for twice', () => {
    const collector = new OutputCollector(100);
    for (let at = 0; at < 300; at++) collector.add(at % 3 === 0 ? 'stderr' : 'stdout', 'é');
    expect(collector.chunks()).toEqual(collector.chunks());
  });

  test('a character that the limit cuts is left out and counted', () => {
    const collector = new OutputCollector(10);
    collector.add('stdout', 'ééééééééé');
    expect(collector.chunks('less')).toEqual([
      { stream: 'stdout', text: 'ééé\n[10 bytes of stdout left out here: less.]\né' },
    ]);
  });

  test('a flood of single characters that change the stream costs no more than a bounded number of chunks', () => {
    const collector = new OutputCollector(4_000_000);
    for (let at = 0; at < 500_000; at++) collector.add(at % 2 === 0 ? 'stdout' : 'stderr', 'x');
    const chunks = collector.chunks();
    // Beginning and end are kept, each with as many changes as it may have, and a note for each stream between them.
    expect(chunks.length).toBe(2 * 65_536 + 2);
    const omitted = [...textOf(chunks).matchAll(MARK)].map(([, bytes]) => Number(bytes?.replaceAll(',', '')));
    expect(omitted).toEqual([184_464, 184_464]);
  });
});

function textOf(chunks: OutputChunk[]): string {
  return chunks.map(({ text }) => text).join('');
}
