import { expect, test } from 'vitest';
import { TerminalFilter } from '../../src/terminal/terminal-filter.ts';

test.each([
  [['\u001b[1;31mred\u001b[0m\tand\rback\n'], '\u001b[1;31mred\u001b[0m\tand\rback\n'],
  [['\u001b]52;c;aGk=\u0007clipboard'], 'clipboard'],
  [['\u001b]0;tit', 'le\u001b\\x'], 'x'],
  [['a\u001b', '[2', 'Jb'], 'ab'],
  [['a\u001b[3', '1mb'], 'a\u001b[31mb'],
  [['\u009b2J\u0008\u0007x\u001bc'], '2Jx'],
  [['\u001b[?1049h\u001b[6n\u001bP1$q\u001b\\ok'], 'ok'],
])('of %j a terminal gets %j', (chunks, expected) => {
  const filter = new TerminalFilter();
  expect(chunks.map((chunk) => filter.pass(chunk)).join('')).toBe(expected);
});

test('a sequence that never ends holds nothing back for ever', () => {
  const filter = new TerminalFilter();
  expect(filter.pass('\u001b]open')).toBe('');
  expect(filter.pass('.'.repeat(5_000))).toBe(`]open${'.'.repeat(5_000)}`);
});

test('says how to end the colours that are open', () => {
  const filter = new TerminalFilter();
  filter.pass('\u001b[31mred\u001b[0m');
  expect(filter.endColors()).toBe('');
  filter.pass('\u001b[8mhid');
  expect([filter.endColors(), filter.endColors()]).toEqual(['\u001b[0m', '']);
});
