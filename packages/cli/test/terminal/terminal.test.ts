import { expect, test, vi } from 'vitest';
import { columns } from '../../src/terminal/columns.ts';
import { fakeTerminal } from '../fake-terminal.ts';

/** A workflow that a reader takes for a harmless one: the dangerous line stands where no terminal shows it. */
const HIDING = [
  'def run():',
  '    # safe\u2028    import os; os.remove("/")',
  '    \u001b[8mimport shutil\u001b[0m',
  '    x = 1 #\rreturn 2',
  '    "\u202eetucexe\u2066"; \u3164 = 1; ok\u200b = 2',
].join('\n');

const SHOWN = [
  'def run():',
  '    # safe\\u2028    import os; os.remove("/")',
  '    \\u001b[8mimport shutil\\u001b[0m',
  '    x = 1 #\\u000dreturn 2',
  '    "\\u202eetucexe\\u2066"; \\u3164 = 1; ok\\u200b = 2',
].join('\n');

test('nothing that is shown to a person is hidden, on either stream, and in no question', async () => {
  const { terminal, written } = fakeTerminal();
  terminal.print(HIDING, '\u001b[32mok\u001b[0m ');
  terminal.say(HIDING);
  expect(written).toMatchObject({ stdout: `\u001b[32mok\u001b[0m ${SHOWN}\n`, stderr: `${SHOWN}\n` });
  const answer = terminal.ask('Delete a\u202e? ');
  terminal.stdin.push('yes\n');
  expect(await answer).toBe('yes');
  expect(written.stderr).toContain('Delete a\\u202e? ');
});

test('a pipe gets every byte', () => {
  const { terminal, written } = fakeTerminal({ isTTY: false });
  terminal.print(HIDING);
  expect(written.stdout).toBe(`${HIDING}\n`);
});

test('the end of the input is an empty answer, and an abort is none', async () => {
  const { terminal } = fakeTerminal();
  const stop = new AbortController();
  const asked = terminal.ask('? ', stop.signal);
  stop.abort(new Error('stopped'));
  await expect(asked).rejects.toThrow('stopped');
  const ended = terminal.ask('? ');
  terminal.stdin.push(null);
  expect(await ended).toBe('');
});

test('what takes long is said in one line with nothing hidden', () => {
  const { terminal, written } = fakeTerminal();
  vi.useFakeTimers();
  using progress = terminal.progress('Installing \u001b[2J\u2028x');
  vi.advanceTimersByTime(900);
  expect(written.stderr).toBe('');
  vi.advanceTimersByTime(100);
  expect(written.stderr).toBe('\r\u001b[K⠋ Installing \\u001b[2J\\u2028x (1 s)');
  progress.end();
  vi.useRealTimers();
  expect(written.stderr.endsWith('\r\u001b[K')).toBe(true);
});

test('a table has a line for each row, whatever stands in it', () => {
  expect(
    columns([
      ['a', 'Says it.\n\tforged trusted'],
      ['  2', 'b'],
    ]),
  ).toBe('a    Says it. forged trusted\n  2  b');
});
