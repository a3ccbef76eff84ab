import { expect, test } from 'vitest';
import { needsMoreLines } from '../../src/repl/needs-more-lines.ts';

test.each([
  ['1 + 1', false],
  ['', false],
  ['print("a:")', false],
  ['x = {', true],
  ['x = {\n"a": 1,\n}', false],
  ['x = "{"', false],
  ["x = '''a", true],
  ["x = '''a\nb'''", false],
  ["x = '''a\n\n'", true],
  ['x = 1 + \\', true],
  ['x = 1 + \\\n2', false],
  ['if x:', true],
  ['if x:  # why: so', true],
  ['if x:\n    y = 1', true],
  ['if x:\n    y = 1\n', false],
  ['@cache', true],
  ['@cache\ndef f():\n    return ")"\n', false],
  ['def f(a,\n      b):', true],
  ['d[1:]', false],
  ['lambda x: (', true],
  ["x = 'unclosed (", false],
  ['# only: (', false],
  ['x = "a\\"b("', false],
  ['f"{x[1:]}"', false],
])('%j: %j', (code, expected) => {
  expect(needsMoreLines(code.split('\n'))).toBe(expected);
});
