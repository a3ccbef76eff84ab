import { afterAll, expect, test } from 'vitest';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';
import { sampleTools } from '../../src/testing/sample-tools.ts';

const executor = new SubprocessExecutor();
afterAll(() => executor.close());

const programs = [
  'sum(range(100_000))',
  'for n in range(100): print(n)',
  'tools.slow(ms=3)',
  'for n in range(20): tools.echo(n=n)',
  'import asyncio\nawait asyncio.gather(*(tools.echo.aio(n=n) for n in range(20)))',
  'from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as pool: r = list(pool.map(lambda n: tools.echo(n=n), range(20)))',
  'import time\ntime.sleep(0.003)',
  '"x" * 1_000_000',
];

test('an abort at any moment stops its own run or none, and the variables stay', { timeout: 300_000 }, async () => {
  await using session = new Session({ executor, tools: sampleTools(), limits: { interruptGraceMs: 10_000 } });
  await session.run('kept = 0');
  let interrupted = 0;
  for (let n = 0; n < 200; n++) {
    const run = session.begin(programs[n % programs.length] as string);
    await new Promise((resolve) => setTimeout(resolve, (n % 23) / 4));
    run.abort();
    const state = await run.settled();
    const result = state.kind === 'finished' ? state.result : undefined;
    if (result?.status === 'interrupted') {
      interrupted++;
      expect([n, result.message]).toEqual([n, 'The run was aborted. Python was stopped; the variables are kept.']);
    } else {
      expect([n, result?.status]).toEqual([n, 'completed']);
    }
    const next = await session.run(`kept += 1\nprint(${n})\n[kept, tools.echo(n=${n})["n"]]`);
    expect([next.status === 'completed' ? next.result : next, next.stdout]).toEqual([[n + 1, n], `${n}\n`]);
  }
  expect(interrupted).toBeGreaterThan(50);
});

test('20 sessions at once do not mix', async () => {
  const sessions = Array.from({ length: 20 }, () => new Session({ executor, tools: sampleTools() }));
  await Promise.all(
    sessions.map(async (session, who) => {
      for (let n = 0; n < 5; n++) {
        const result = await session.run(`who = ${who}\nprint(who)\n[tools.slow(ms=1, tag=who), who]`);
        expect([result.status === 'completed' && result.result, result.stdout]).toEqual([[who, who], `${who}\n`]);
      }
      await session.close();
    }),
  );
});

test('an abort right after the start stops an endless run, and the variables stay', { timeout: 300_000 }, async () => {
  await using session = new Session({ executor, limits: { interruptGraceMs: 10_000 } });
  await session.run('kept = 1');
  for (let n = 0; n < 20; n++) {
    const run = session.begin('while True: sum(range(1000))');
    for (let turn = 0; turn < n % 4; turn++) await new Promise((resolve) => setImmediate(resolve));
    run.abort();
    const state = await run.settled();
    const result = state.kind === 'finished' ? state.result : undefined;
    expect([n, result?.status === 'interrupted' && result.message]).toEqual([
      n,
      'The run was aborted. Python was stopped; the variables are kept.',
    ]);
  }
  const result = await session.run('kept');
  expect(result.status === 'completed' && result.result).toBe(1);
});

test('code that swallows interrupts in a loop of calls still ends by itself', async () => {
  await using session = new Session({ executor, tools: sampleTools(), limits: { interruptGraceMs: 10_000 } });
  const code = 'kept = 1\nfor n in range(5):\n    try: tools.hang()\n    except: print("swallowed")';
  const run = session.begin(code);
  setTimeout(() => run.abort(), 200);
  const state = await run.settled();
  expect(state.kind === 'finished' && state.result).toMatchObject({ status: 'interrupted', stateKept: true });
  const result = await session.run('kept');
  expect(result.status === 'completed' && result.result).toBe(1);
});
