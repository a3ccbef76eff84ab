import { expect, test } from 'vitest';
import { runInstaller } from '../../src/deps/run-installer.ts';

test('what an installer writes is told without colours, and shows what would be hidden', async () => {
  const lines: string[] = [];
  const program = String.raw`console.log("\x1b[31mred\x1b[0m 1%\r2%"); console.log("a\u202eb\x1b]0;owned\x07"); console.log("")`;
  const outcome = await runInstaller({
    file: process.execPath,
    args: ['-e', program],
    env: {},
    signal: new AbortController().signal,
    onLine: (line) => lines.push(line),
  });
  expect(lines).toEqual(['red 1%', '2%', 'a\\u202eb']);
  expect(outcome).toEqual({ exitCode: 0, lines });
});
