import { expect, test } from 'vitest';
import type { RunResult } from '../../run-result.ts';
import { type ConformanceContext, completed } from './context.ts';

// CPython 3.11 and 3.12 miss the handler when the interrupt lands on the jump of a loop: hence the long call.
const STUBBORN = `
while True:
    try:
        while True:
            try: sum(range(10**6))
            except BaseException: pass
    except BaseException: pass`;

/** Items 26 to 35 of the behaviour list: timeouts, aborts and crashes. */
export function stoppingCases({ fresh, executor }: ConformanceContext): void {
  const kept = () => executor().features.interrupt;
  const end = (grace: number) =>
    kept()
      ? 'Python was stopped; the variables are kept.'
      : `Python did not stop within ${grace} ms and was killed; all variables are lost.`;

  test.each([
    ['time.sleep', 'import time\ntime.sleep(60)'],
    ['a busy loop', 'while True: pass'],
    ['asyncio.sleep', 'import asyncio\nawait asyncio.sleep(60)'],
    ['waiting for a thread', 'import threading\nthreading.Event().wait(60)'],
    ['a subprocess', 'import subprocess\nsubprocess.run(["sleep", "60"])'],
    ['an endless print', 'while True: print("x" * 100)'],
  ])('26, 28: timeoutMs ends %s, the variables stay and nothing comes late', async (_title, code) => {
    const session = fresh({ limits: { timeoutMs: 10_000, outputBytes: 10_000, interruptGraceMs: 10_000 } });
    await session.run('kept = 1');
    const result = await session.run(`${code}\nprint("LATE")`, { timeoutMs: 200 });
    expect(stopOf(result)).toEqual({
      reason: 'timeout',
      message: `Python computed for more than 200 ms (timeoutMs). ${end(10_000)}`,
      stateKept: kept(),
    });
    const next = await session.run('print("next")\n"kept" in globals()');
    expect([completed(next), next.stdout, next.stateLost]).toEqual([kept(), 'next\n', kept() ? undefined : true]);
  });

  test('27: timeoutMs of a run goes before that of the session', async () => {
    const session = fresh({ limits: { timeoutMs: 200, interruptGraceMs: 10_000 } });
    expect(completed(await session.run('import time\ntime.sleep(0.4)\n1', { timeoutMs: 20_000 }))).toBe(1);
    expect(stopOf(await session.run('time.sleep(60)')).message).toBe(
      `Python computed for more than 200 ms (timeoutMs). ${end(10_000)}`,
    );
  });

  test('34: there is a finite timeout without asking for one', () => {
    expect(fresh().limits).toMatchObject({ timeoutMs: 60_000, callTimeoutMs: 120_000 });
  });

  test('waiting for a tool does not count', async () => {
    const session = fresh();
    await session.run('import asyncio');
    expect(completed(await session.run('tools.slow(ms=1300, tag="ok")', { timeoutMs: 1_000 }))).toBe('ok');
    const gathered = 'await asyncio.gather(tools.slow.aio(ms=1300, tag=1), tools.slow.aio(ms=1350, tag=2))';
    expect(completed(await session.run(gathered, { timeoutMs: 1_000 }))).toEqual([1, 2]);
  });

  test('computing while a tool is waited for does', async () => {
    const session = fresh();
    await session.run('import threading');
    const code = 't = threading.Thread(target=lambda: tools.slow(ms=60_000))\nt.start()\nwhile True: pass';
    expect(stopOf(await session.run(code, { timeoutMs: 300 })).reason).toBe('timeout');
  });

  test('abort, by signal and by hand', async () => {
    const session = fresh({ limits: { interruptGraceMs: 10_000 } });
    await session.run('kept = 1');
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    const expected = { reason: 'aborted', message: `The run was aborted. ${end(10_000)}`, stateKept: kept() };
    expect(stopOf(await session.run('while True: pass', { signal: controller.signal }))).toEqual(expected);
    const run = session.begin('while True: pass');
    setTimeout(() => run.abort('Enough.'), 100);
    const state = await run.settled();
    expect(state.kind === 'finished' && stopOf(state.result)).toEqual({
      ...expected,
      message: `Enough. ${end(10_000)}`,
    });
    expect(completed(await session.run('1'))).toBe(1);
  });

  test('abort before the start and while queued', async () => {
    const session = fresh();
    const stopped = {
      reason: 'aborted',
      message: 'The run was aborted. Python was stopped; the variables are kept.',
      stateKept: true,
    };
    expect(stopOf(await session.run('1', { signal: AbortSignal.abort() }))).toEqual(stopped);
    const first = session.run('import time\ntime.sleep(0.2)\nran = ["first"]\nran');
    const queued = session.begin('ran.append("queued")');
    const last = session.run('ran.append("last")\nran');
    queued.abort();
    const state = await queued.settled();
    expect(state.kind === 'finished' && stopOf(state.result)).toEqual(stopped);
    expect(completed(await first)).toEqual(['first']);
    expect(completed(await last)).toEqual(['first', 'last']);
  });

  test('abort ends a call that hangs', async () => {
    const session = fresh({ onEvent: ({ type }) => type === 'call-start' && run.abort() });
    const run = session.begin('tools.hang()');
    const state = await run.settled();
    const result = state.kind === 'finished' ? state.result : undefined;
    expect(result?.status).toBe('interrupted');
    expect(result?.calls.map(({ status, error }) => [status, error])).toEqual([['cancelled', 'The run was aborted.']]);
    expect(completed(await session.run('tools.echo(a=1)'))).toEqual({ a: 1 });
  });

  test('an interrupt can be noticed and cleaned up after', async () => {
    if (!kept()) return;
    const session = fresh({ limits: { interruptGraceMs: 10_000 } });
    const result = await session.run('try:\n    while True: sum(range(10**6))\nfinally:\n    print("cleaned up")', {
      timeoutMs: 100,
    });
    expect([result.status, result.stdout]).toEqual(['interrupted', 'cleaned up\n']);
  });

  test('what catches everything is killed after the grace time', async () => {
    const session = fresh({ limits: { interruptGraceMs: 200 } });
    expect(stopOf(await session.run(STUBBORN, { timeoutMs: 100 }))).toEqual({
      reason: 'timeout',
      message:
        'Python computed for more than 100 ms (timeoutMs). Python did not stop within 200 ms and was killed; all variables are lost.',
      stateKept: false,
    });
    const next = await session.run('1');
    expect([completed(next), next.stateLost]).toEqual([1, true]);
    expect((await session.run('1')).stateLost).toBe(undefined);
  });

  test('31: a crash is told, and the next run gets a fresh kernel', async () => {
    const session = fresh();
    await session.run('kept = 1');
    const result = await session.run('import os, sys\nprint("out")\nprint("err", file=sys.stderr)\nos._exit(7)');
    expect([result.status, result.stdout]).toEqual(['crashed', 'out\n']);
    expect(result.status === 'crashed' && result.detail).toEqual({
      exitCode: 7,
      stderrTail: 'err\n',
      message: 'The Python process exited with code 7; all variables are lost.',
    });
    const next = await session.run('"kept" in globals()');
    expect([completed(next), next.stateLost]).toEqual([false, true]);
    expect((await session.run('1')).stateLost).toBe(undefined);
  });
}

function stopOf(result: RunResult) {
  if (result.status !== 'interrupted') throw new Error(`The run was not interrupted: ${JSON.stringify(result)}`);
  const { reason, message, stateKept } = result;
  return { reason, message, stateKept };
}
