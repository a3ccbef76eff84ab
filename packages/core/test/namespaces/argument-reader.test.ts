import { expect, test } from 'vitest';
import { ArgumentReader } from '../../src/namespaces/argument-reader.ts';

const read = new ArgumentReader('notes');
const call = (value: unknown) => ({ function: 'find', arguments: { value } });
const isText = (item: unknown): item is string => typeof item === 'string';
const problem = (act: () => unknown): unknown => {
  try {
    return ['read', act()];
  } catch (error) {
    return (error as Error).message;
  }
};

test.each([
  ['x'.repeat(1_000), undefined, ['read', 'x'.repeat(1_000)]],
  ['x'.repeat(1_001), undefined, 'notes.find(value=…): value must be a str of at most 1000 characters, and has 1001.'],
  ['xxx', 2, 'notes.find(value=…): value must be a str of at most 2 characters, and has 3.'],
  [1, undefined, 'notes.find(value=…): value must be a str.'],
])('a text: %s', (value, max, expected) => {
  expect(problem(() => read.text(call(value), 'value', max))).toEqual(expected);
});

test.each([
  [['a'], ['read', ['a']]],
  [['a', 1], 'notes.find(value=…): value must be a list of str.'],
  ['a', 'notes.find(value=…): value must be a list of str.'],
  [Array(1_001).fill('a'), 'notes.find(value=…): value must be at most 1000 items long, and has 1001.'],
])('a list: %s', (value, expected) => {
  expect(problem(() => read.list(call(value), 'value', 'a list of str', isText))).toEqual(expected);
});
