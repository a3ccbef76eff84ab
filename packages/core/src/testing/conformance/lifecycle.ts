import { expect, test } from 'vitest';
import { CodeModeError } from '../../errors.ts';
import { type ConformanceContext, completed } from './context.ts';

/** Items 21 to 25, 32 and 33 of the behaviour list: sessions begin, end, start over, and do not meet. */
export function lifecycleCases({ fresh, open }: ConformanceContext): void {
  test('21: run after close', async () => {
    const session = fresh();
    await session.run('1');
    await session.close();
    expect(await refusal(() => session.run('1'))).toBe('session_closed: The session is closed. Make a new Session.');
    expect(await refusal(() => session.reset())).toBe('session_closed: The session is closed. Make a new Session.');
  });

  test('21: a session on a closed executor', async () => {
    const executor = await open();
    await executor.close();
    expect((await refusal(() => executor.open())).split(':')[0]).toBe('executor_closed');
    expect((await refusal(() => fresh({ executor }).run('1'))).split(':')[0]).toBe('executor_closed');
  });

  test('22: close twice, at once, and before the first run', async () => {
    const session = fresh();
    await session.run('1');
    await Promise.all([session.close(), session.close()]);
    await session.close();
    await fresh().close();
    const executor = await open();
    await Promise.all([executor.close(), executor.close()]);
  });

  test('22: await using closes', async () => {
    const session = fresh();
    {
      await using scoped = session;
      expect(completed(await scoped.run('1'))).toBe(1);
    }
    expect((await refusal(() => session.run('1'))).split(':')[0]).toBe('session_closed');
  });

  test('close ends the run in progress and those in the queue', async () => {
    const session = fresh();
    await session.run('1');
    const runs = [session.run('while True: pass'), session.run('2'), session.run('3')];
    await new Promise((resolve) => setTimeout(resolve, 50));
    await session.close();
    const results = await Promise.all(runs);
    expect(
      results.map((result) => result.status === 'interrupted' && [result.reason, result.message.split('.')[0]]),
    ).toEqual(results.map(() => ['aborted', 'The session was closed']));
  });

  test('23: sessions do not see each other', async () => {
    const [a, b] = [fresh(), fresh()];
    await Promise.all([
      a.run('v = "a"\nimport json\njson.dumps = None\nimport builtins\nbuiltins.leak = 1'),
      b.run('v = "b"'),
    ]);
    expect(completed(await a.run('v'))).toBe('a');
    expect(
      completed(await b.run('[v, json.dumps([1]) if "json" in globals() else "no json", "leak" in dir(__builtins__)]')),
    ).toEqual(['b', 'no json', false]);
    expect(completed(await b.run('import json\njson.dumps([1])'))).toBe('[1]');
  });

  test('random numbers differ between sessions', async () => {
    const code = 'import random, uuid\n[random.random(), str(uuid.uuid4())]';
    const [a, b] = await Promise.all([fresh().run(code), fresh().run(code)]);
    const [x, y] = [completed(a), completed(b)] as unknown[][];
    expect([x?.[0] === y?.[0], x?.[1] === y?.[1]]).toEqual([false, false]);
  });

  test('25: the first run starts the session, and runs queue', async () => {
    const session = fresh();
    const results = await Promise.all(['q = [1]', 'q.append(2)', 'q.append(3)\nq'].map((code) => session.run(code)));
    expect(completed(results[2] as (typeof results)[2])).toEqual([1, 2, 3]);
  });

  test('32: reset clears the variables and keeps the tools', async () => {
    const session = fresh();
    await session.run('v = 1');
    await session.reset();
    const result = await session.run('["v" in globals(), tools.echo(a=1)]');
    expect([completed(result), result.stateLost]).toEqual([[false, { a: 1 }], undefined]);
  });

  test('reset ends the run in progress; a run begun meanwhile gets the fresh kernel', async () => {
    const session = fresh();
    await session.run('v = 1');
    const running = session.run('while True: pass');
    const queued = session.run('"v" in globals()');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const reset = session.reset();
    const begun = session.run('"v" in globals()');
    await reset;
    expect((await running).status).toBe('interrupted');
    expect([completed(await queued), completed(await begun)]).toEqual([false, false]);
  });

  test('a run begun while an idle session is reset', async () => {
    const session = fresh();
    await session.run('v = 1');
    const reset = session.reset();
    const begun = session.run('"v" in globals()');
    await reset;
    expect(completed(await begun)).toBe(false);
  });

  test('reset again and again, also at once', async () => {
    const session = fresh();
    await Promise.all([session.reset(), session.reset()]);
    for (let n = 0; n < 3; n++) {
      expect(completed(await session.run('"v" in globals()'))).toBe(false);
      await session.run('v = 1');
      await Promise.all([session.reset(), session.reset()]);
    }
  });

  test('abort while the kernel starts, then run', async () => {
    const session = fresh();
    const run = session.begin('1');
    run.abort();
    const state = await run.settled();
    expect(state.kind === 'finished' && state.result.status).toBe('interrupted');
    expect(completed(await session.run('2'))).toBe(2);
  });

  test('code that is no string', async () => {
    expect(await refusal(() => fresh().run(null as never))).toBe(
      'invalid_options: The code to run must be a string, got null.',
    );
  });

  test('1,000 runs, most of them aborted in the queue', async () => {
    const session = fresh();
    await session.run('n = 0');
    const first = session.run('import time\ntime.sleep(0.1)');
    const queued = Array.from({ length: 1_000 }, () => session.begin('n += 1'));
    for (const run of queued) run.abort();
    await first;
    expect(completed(await session.run('n'))).toBe(0);
  });
}

async function refusal(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
    return 'accepted';
  } catch (error) {
    return CodeModeError.isInstance(error) ? `${error.code}: ${error.message}` : String(error);
  }
}
