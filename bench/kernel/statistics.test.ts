import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarize } from './statistics.ts';

test('summarize sorts, and interpolates between the nearest samples', () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.deepEqual(summarize(samples), { count: 100, min: 1, p50: 50.5, p95: 95.05, max: 100 });
});

test('one sample is all of its quantiles', () => {
  assert.deepEqual(summarize([7]), { count: 1, min: 7, p50: 7, p95: 7, max: 7 });
});

test('no samples is a mistake of the caller', () => {
  assert.throws(() => summarize([]), RangeError);
});
