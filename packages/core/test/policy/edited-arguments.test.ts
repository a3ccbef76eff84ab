import { expect, test } from 'vitest';
import { editedArguments } from '../../src/policy/edited-arguments.ts';
import { readableArguments } from '../../src/wire/readable-value.ts';

test('what was left as shown keeps its own value; what was changed, added or removed is as edited', () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const given = { big: 2n ** 70n, bytes, kept: { a: [1] }, changed: 1, removed: 2 };
  const shown = { ...given, aDefault: 'x', otherDefault: 'y' };
  const edited = { ...readableArguments(shown), changed: 5, otherDefault: 'z', added: null };
  delete (edited as { removed?: unknown }).removed;
  expect(editedArguments(given, shown, edited)).toEqual({
    big: 2n ** 70n,
    bytes,
    kept: { a: [1] },
    changed: 5,
    otherDefault: 'z',
    added: null,
  });
});

test('values are shown as JSON that says what they are', () => {
  const loop: { self?: unknown } = {};
  loop.self = loop;
  const shown = readableArguments({
    big: 2n ** 70n,
    nan: Number.NaN,
    small: new Uint8Array([1, 2, 3]),
    large: new Uint8Array(2_000),
    date: new Date(0),
    map: new Map([[1, 'a']]),
    set: new Set([1]),
    nothing: undefined,
    loop,
    '': { ['__proto__']: 1 },
  });
  expect(JSON.parse(JSON.stringify(shown))).toEqual({
    big: '1180591620717411303424',
    nan: 'NaN',
    small: { bytes: 3, base64: 'AQID' },
    large: { bytes: 2_000, sha256: '2da42fb1d7bd8524e83d5a1e332bad697c8769ba430770a19bec630eb8ffcaa8' },
    date: '1970-01-01T00:00:00.000Z',
    map: [[1, 'a']],
    set: [1],
    nothing: null,
    loop: { self: '[itself]' },
    '': { ['__proto__']: 1 },
  });
});
