import { expect, test } from 'vitest';
import { type ConformanceContext, completed, failure } from './context.ts';

/**
 * Item 66 of the behaviour list: calls made at the same time run at the same time. `tools.meet` shows it without a
 * clock: it answers nobody before everybody has called.
 */
export function concurrencyCases({ run, value, fresh }: ConformanceContext): void {
  const numbers = Array.from({ length: 20 }, (_, n) => n);

  test.each([
    ['gather', 'import asyncio\nawait asyncio.gather(*(tools.meet.aio(count=20, tag=n) for n in range(20)))'],
    [
      'gather of plain calls',
      'import asyncio\nawait asyncio.gather(*[tools.meet(count=20, tag=n) for n in range(20)])',
    ],
    [
      'asyncio.run',
      'import asyncio\nasync def main():\n    return await asyncio.gather(*(tools.meet.aio(count=20, tag=n) for n in range(20)))\nasyncio.run(main())',
    ],
    [
      'create_task',
      'import asyncio\nts = [asyncio.create_task(tools.meet.aio(count=20, tag=n)) for n in range(20)]\n[await t for t in ts]',
    ],
    [
      'ThreadPoolExecutor.map',
      'from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(20) as pool:\n    r = list(pool.map(lambda n: tools.meet(count=20, tag=n), range(20)))\nr',
    ],
    [
      '66: threads',
      'import threading\nr = [None] * 20\ndef work(n): r[n] = tools.meet(count=20, tag=n)\nts = [threading.Thread(target=work, args=(n,)) for n in range(20)]\nfor t in ts: t.start()\nfor t in ts: t.join()\nr',
    ],
    [
      'to_thread',
      'import asyncio\nawait asyncio.gather(*(asyncio.to_thread(tools.meet, count=20, tag=n) for n in range(4)), *(tools.meet.aio(count=20, tag=n) for n in range(4, 20)))',
    ],
  ])('20 calls that wait for each other: %s', async (_title, code) => {
    const result = await run(code);
    expect(completed(result)).toEqual(numbers);
    expect(result.calls.length).toBe(20);
  });

  test('20 calls that wait for each other: TaskGroup', async ({ skip }) => {
    if ((await value('import asyncio\nhasattr(asyncio, "TaskGroup")')) !== true)
      skip('TaskGroup came with Python 3.11');
    const result = await run(
      'async with asyncio.TaskGroup() as g:\n    ts = [g.create_task(tools.meet.aio(count=20, tag=n)) for n in range(20)]\n[t.result() for t in ts]',
    );
    expect(completed(result)).toEqual(numbers);
  });

  test.each([
    ['the first answered first', 1, 2],
    ['the second answered first', 2, 1],
  ])('two calls in flight, %s', async (_title, first, second) => {
    const result = await run(`
import asyncio
done = []
async def one(place):
    done.append(await tools.meet.aio(count=2, place=place, tag=place))
await asyncio.gather(one(${first}), one(${second}))
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(2) as pool:
    list(pool.map(lambda place: done.append(tools.meet(count=2, place=place, tag=place)), (${first}, ${second})))
done`);
    expect(completed(result)).toEqual([1, 2, 1, 2]);
  });

  test('one of several fails', async () => {
    const code =
      'import asyncio\nr = await asyncio.gather(tools.echo.aio(a=1), tools.fail.aio(message="no"), return_exceptions=True)\n[r[0], repr(r[1])]';
    expect(await value(code)).toEqual([{ a: 1 }, "ToolError('no')"]);
    expect(failure(await run('await asyncio.gather(tools.slow.aio(ms=50), tools.fail.aio(message="no"))'))).toBe(
      'ToolError: no',
    );
  });

  test('asyncio.wait_for cancels the call on the host', async () => {
    const code =
      'import asyncio\ntry:\n    await asyncio.wait_for(tools.slow.aio(ms=60_000), 0.05)\nexcept asyncio.TimeoutError: r = "timeout"\nr, tools.echo(a=1)';
    const result = await run(code);
    expect(completed(result)).toEqual(['timeout', { a: 1 }]);
    expect(result.calls.map(({ name, status }) => [name, status])).toEqual([
      ['tools.slow', 'cancelled'],
      ['tools.echo', 'completed'],
    ]);
  });

  test('a call that is awaited by nobody ends with its run', async () => {
    const result = await run(
      'import asyncio\ntask = asyncio.ensure_future(tools.slow.aio(ms=60_000))\nawait asyncio.sleep(0.05)\n1',
    );
    expect(completed(result)).toBe(1);
    expect(result.calls.map(({ status }) => status)).toEqual(['cancelled']);
    expect(await value('tools.echo(a=1)')).toEqual({ a: 1 });
  });

  test('what a thread of an earlier run prints or calls never reaches a later result', async () => {
    const late: string[] = [];
    const session = fresh({
      onEvent: (event) => {
        if (event.type === 'output' && event.late) late.push(`${event.runId}: ${event.text}`);
      },
    });
    const code = `
import threading, time
errors = []
def late():
    time.sleep(0.2)
    print("late")
    try: tools.echo(late=1)
    except Exception as e: errors.append(type(e).__name__ + ": " + str(e))
t = threading.Thread(target=late)
t.start()
1`;
    const first = await session.run(code);
    const second = await session.run('t.join()\nprint("mine")\nerrors');
    expect(second.stdout).toBe('mine\n');
    expect(second.calls).toEqual([]);
    expect(completed(second)).toEqual(['CallCancelledError: The run this call belongs to has ended.']);
    expect(late).toEqual([`${first.runId}: late\n`]);
  });

  test('a pool kept over runs works for the run that submits', async () => {
    const session = fresh();
    await session.run(
      'from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(2)\nlist(pool.map(lambda n: tools.echo(n=n), range(2)))',
    );
    const second = await session.run(
      'def work(n):\n    print("work", n)\n    return tools.echo(n=n)["n"]\nlist(pool.map(work, range(1)))',
    );
    expect([completed(second), second.stdout, second.calls.length]).toEqual([[0], 'work 0\n', 1]);
  });

  test('threads that print lose nothing', async () => {
    const code =
      'import threading\ndef work(n):\n    for i in range(100): print(f"{n} {i}\\n", end="")\nts = [threading.Thread(target=work, args=(n,)) for n in range(4)]\nfor t in ts: t.start()\nfor t in ts: t.join()';
    const lines = (await run(code)).stdout.trimEnd().split('\n');
    for (const n of [0, 1, 2, 3]) {
      expect(lines.filter((line) => line.startsWith(`${n} `))).toEqual(
        Array.from({ length: 100 }, (_, i) => `${n} ${i}`),
      );
    }
  });
}
