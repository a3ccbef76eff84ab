import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ATTEMPTS_AT_HOST, ATTEMPTS_AT_SANDBOX } from './all-attempts.ts';
import { classOf } from './attempt.ts';

const ALL: { id: string; layer: string }[] = [...ATTEMPTS_AT_SANDBOX, ...ATTEMPTS_AT_HOST];

test('the ids are unique', () => {
  expect(new Set(ALL.map(({ id }) => id)).size).toBe(ALL.length);
});

test('the guide has every class, how many attempts it has, and the layers that stop them', () => {
  const guide = read('docs/guides/isolation.md');
  const section = guide.slice(guide.indexOf('## How it is tested'));
  const said = [...section.matchAll(/^\| ([^|]+) \| (\d+) \| ([^|]+) \|$/gmu)].map(([, about, count, stoppedBy]) => ({
    classes: (about as string).replace(/:.*/u, '').split(', '),
    count: Number(count),
    layers: [...(stoppedBy as string).matchAll(/`(\w+)`/gu)].map(([, layer]) => layer).sort(),
  }));
  const known = said.map(({ classes, layers }) => {
    const attempts = ALL.filter((attempt) => classes.includes(classOf(attempt)));
    const stopping = [...new Set(attempts.map(({ layer }) => layer))].sort();
    // Those that stop attempts at the host have no names there.
    return { classes, count: attempts.length, layers: layers.length > 0 ? stopping : [] };
  });
  expect(said).toEqual(known);
  expect(said.flatMap(({ classes }) => classes).sort()).toEqual([...new Set(ALL.map(classOf))].sort());
});

test('the texts have the number of all attempts', () => {
  expect(read('SECURITY.md')).toContain(` ${ALL.length} attempts`);
  expect(read('docs/guides/isolation.md')).toContain(` ${ALL.length} attempts`);
  expect(read('docs/guides/isolation.md')).toContain(
    `All ${ALL.length} attempts and the conformance suite are made in containers of a real Docker engine as well. The ${ATTEMPTS_AT_SANDBOX.length} at the sandbox`,
  );
});

function read(path: string): string {
  return readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
}
