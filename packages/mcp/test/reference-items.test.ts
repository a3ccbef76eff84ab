import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

// What the servers that ours takes the place of can do, and where they fail, by number: 115 to 117 of py-code-mode, A.2 the
// behaviour of ipython_mcp and its agent, A.3 their faults. Each has a test whose title begins with its number. Of A.2, 38
// to 42, 44, 45 and 50 are missing on purpose: they belong to an agent's loop, its models and its command line.
const ITEMS = [
  ...numbered('', 115, 117),
  ...numbered('A.2 ', 1, 37),
  ...['A.2 43', 'A.2 46', 'A.2 47', 'A.2 48', 'A.2 49'],
  ...numbered('A.3 ', 1, 16),
];

it('each item of the reference has a test', () => {
  const titled = new Set(titles().flatMap(itemsOf));
  expect([...titled].filter((item) => !ITEMS.includes(item))).toEqual([]);
  expect(ITEMS.filter((item) => !titled.has(item))).toEqual([]);
});

function titles(): string[] {
  return readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .flatMap((path) => readFileSync(join(import.meta.dirname, path), 'utf8').split('\n'))
    .flatMap((line) => /^ *(?:it|\]\))\('([^']+)', (?:async )?\(/.exec(line)?.[1] ?? []);
}

/** Those in front of a title's first colon: `A.2 1-3, 6, A.3 15: …`. */
function itemsOf(title: string): string[] {
  const [, numbers] = /^((?:(?:A\.\d )?\d+(?:-\d+)?(?:, )?)+): /.exec(title) ?? [];
  let list = '';
  return (numbers?.split(', ') ?? []).flatMap((part) => {
    const [, named, first, last] = /^(A\.\d )?(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    list = named ?? list;
    return numbered(list, Number(first), Number(last ?? first));
  });
}

function numbered(list: string, first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, at) => `${list}${first + at}`);
}
