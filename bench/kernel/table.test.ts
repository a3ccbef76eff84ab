import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeasuredRow } from './measure.ts';
import type { Line } from './rows.ts';
import { summarize } from './statistics.ts';
import { absoluteTable, format, ratioTable, verdict } from './table.ts';

const line: Line = { label: 'run', unit: 'ms', target: 0.06 };
const columns = [
  { name: 'code-mode' as const, label: 'code-mode' },
  { name: 'raw' as const, label: 'raw floor' },
  { name: 'ai-sdk' as const, label: 'AI SDK' },
];

function measured(ours: number): MeasuredRow[] {
  const row = { id: 'warm-run' as const, lines: [line], rounds: 1, batch: 1, warmUp: 0, sample: async () => [] };
  const cells = new Map([
    ['code-mode' as const, [summarize([ours, ours])]],
    ['raw' as const, [summarize([0.02])]],
    ['ai-sdk' as const, [{ notMeasured: 'it forgets' }]],
  ]);
  return [{ row, cells }];
}

test('units change with the size', () => {
  assert.equal(format(0.0281, 'ms'), '28.1 us');
  assert.equal(format(3.2101, 'ms'), '3.21 ms');
  assert.equal(format(1234, 'ms'), '1.23 s');
  assert.equal(format(2_400_000, 'bytes'), '2.40 MB');
  assert.equal(format(3, 'count'), '3');
});

test('a verdict says by how much a target was missed', () => {
  assert.equal(verdict(summarize([0.06]), line, 1), 'met');
  assert.equal(verdict(summarize([0.09]), line, 1.4), 'missed by 30.0 us (1.5x)');
  assert.equal(verdict(summarize([0.09]), line, 1.6), 'missed by 30.0 us (1.5x); met at reference speed');
  assert.equal(verdict({ failed: 'no answer' }, line, 1), '');
});

test('a reason becomes a footnote, a single sample has no p95', () => {
  const table = absoluteTable(measured(0.04), columns, 1);
  assert.match(table, /\| run +\| 40\.0 us \/ ~40\.0 us \| 20\.0 us +\| n\/a \[1\] \| <= 60\.0 us \| met/);
  assert.match(table, /^\[1\] it forgets$/m);
});

test('ratios are ours against the floor, and the others against ours', () => {
  assert.match(ratioTable(measured(0.04), columns), /\| run +\| 2\.00x +\| +\|/);
});
