import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { atExit } from '../src/at-exit.ts';

test('any number of tasks take one listener, and none when all are forgotten', () => {
  const before = process.listenerCount('exit');
  const forgets = Array.from({ length: 20 }, () => atExit(() => {}));
  expect(process.listenerCount('exit')).toBe(before + 1);
  for (const forget of forgets) forget();
  expect(process.listenerCount('exit')).toBe(before);
});

test('they are done when the process exits, but for what was forgotten', async () => {
  const module = JSON.stringify(join(import.meta.dirname, '../src/at-exit.ts'));
  const program = `
    const { atExit } = await import(${module});
    const tell = (text) => () => console.log(text);
    atExit(tell('one'));
    atExit(tell('two'))();
    atExit(tell('three'));
    process.exit();
  `;
  const args = ['--input-type=module', '--eval', program];
  expect((await promisify(execFile)(process.execPath, args)).stdout).toBe('one\nthree\n');
});
