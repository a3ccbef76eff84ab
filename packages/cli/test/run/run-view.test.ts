import { stripVTControlCharacters } from 'node:util';
import type { RunResult, SessionEvent } from '@code-mode/core';
import { expect, test } from 'vitest';
import { Images } from '../../src/run/images.ts';
import { RunView } from '../../src/run/run-view.ts';
import { fakeTerminal } from '../fake-terminal.ts';

const base = { runId: 'r', stdout: '', stderr: '', output: [], displays: [], calls: [], durationMs: 1 };
const completed: RunResult = { ...base, status: 'completed', result: 'shown' };

function viewOf() {
  const { terminal, written } = fakeTerminal();
  const view = new RunView(terminal, new Images(terminal, { folder: '.', stem: 'x' }));
  const output = (text: string) => view.onEvent({ type: 'output', stream: 'stdout', text } as SessionEvent);
  return { view, written, output };
}

test('a sequence that the output leaves open takes nothing of the result, nor of the next run', async () => {
  const { view, written, output } = viewOf();
  output('out\u001b]0;');
  await view.end(completed);
  output('next\n');
  expect(written.screen).toBe('out\n"shown"\nnext\n');
});

test('what the output has coloured or hidden is over where something else begins', async () => {
  const { view, written, output } = viewOf();
  output('\u001b[8mout');
  view.hold()();
  expect(written.screen).toBe('\u001b[8mout\u001b[0m\n');
  output('\u001b[31mred');
  await view.end({ ...base, status: 'completed', result: null });
  expect(written.screen).toBe('\u001b[8mout\u001b[0m\n\u001b[31mred\u001b[0m');
});

test('an error and a warning hide nothing', async () => {
  const { view, written } = viewOf();
  view.onEvent({ type: 'warning', message: 'a\u001b[8mb' } as SessionEvent);
  await view.end({ ...base, status: 'failed', error: { name: 'E', message: '', traceback: 'E: \u202ex\u2028y\n' } });
  expect(stripVTControlCharacters(written.stderr)).toBe('a\\u001b[8mb\nE: \\u202ex\\u2028y\n');
});
