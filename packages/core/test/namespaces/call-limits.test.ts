import { afterAll, expect, test } from 'vitest';
import type { SessionEvent } from '../../src/events.ts';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { describeResult } from '../../src/prompts/describe-result.ts';
import { Session } from '../../src/session.ts';
import { sampleTools } from '../../src/testing/sample-tools.ts';
import { defineTool } from '../../src/tool-sources/function.ts';

const executor = new SubprocessExecutor();
afterAll(() => executor.close());

const counted = `def count(call, times):
    for n in range(times):
        try:
            call()
        except CallLimitError as e:
            return [n, str(e)]
    return times
`;

test.each([
  [
    { maxCalls: 3 },
    'count(lambda: tools.echo(a=1), 10)',
    [3, 'This run has made 3 calls, which is its limit (limits.maxCalls). Do more in each, or in another run.'],
  ],
  [
    { callArgumentBytes: 1_000 },
    'count(lambda: tools.echo(a="x" * 300), 10)',
    [
      3,
      'This run may send 1000 bytes of arguments in all (limits.callArgumentBytes), and this call would go beyond. Send less.',
    ],
  ],
  [
    { callResultBytes: 1_000 },
    'count(lambda: tools.text(length=300), 10)',
    [
      3,
      'This run may get 1000 bytes of results in all (limits.callResultBytes), and this result goes beyond; the call was made. Ask for less.',
    ],
  ],
  [{ callResultBytes: 5_000 }, 'count(lambda: tools.data(length=3_000), 10)', [1, expect.any(String)]],
])('%j', async (limits, code, expected) => {
  await using session = new Session({ executor, tools: sampleTools(), limits });
  for (const _run of [1, 2]) {
    expect(await session.run(`${counted}${code}`)).toMatchObject({ status: 'completed', result: expected });
  }
});

test('of the calls beyond maxCalls the record has the first alone', async () => {
  const events: SessionEvent[] = [];
  const onEvent = (event: SessionEvent) => event.type.startsWith('call-') && events.push(event);
  await using session = new Session({ executor, tools: sampleTools(), limits: { maxCalls: 3 }, onEvent });
  const result = await session.run(`refused = 0
for n in range(50):
    try: tools.echo(a=1)
    except CallLimitError: refused += 1
refused`);
  expect(result).toMatchObject({ status: 'completed', result: 47 });
  expect([result.calls.map(({ status }) => status), events.length]).toEqual([
    ['completed', 'completed', 'completed', 'failed'],
    8,
  ]);
});

test('calls beyond maxConcurrentCalls wait for their turn, and one that is given up leaves the queue', async () => {
  let running = 0;
  let most = 0;
  const step = defineTool({
    name: 'step',
    description: '',
    execute: async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 10));
      running--;
    },
  });
  await using session = new Session({ executor, tools: [step, ...sampleTools()], limits: { maxConcurrentCalls: 3 } });
  const many = await session.run('import asyncio\nlen(await asyncio.gather(*(tools.step.aio() for _ in range(20))))');
  expect([many.status === 'completed' && many.result, most, many.calls.length]).toEqual([20, 3, 20]);
  const given = await session.run(`
waiting = [asyncio.create_task(tools.hang.aio()) for _ in range(5)]
try:
    await asyncio.wait_for(tools.step.aio(), 0.05)
except TimeoutError:
    print("gave up")
for task in waiting: task.cancel()
await asyncio.gather(*waiting, return_exceptions=True)
await tools.step.aio()`);
  expect([given.status, given.stdout]).toEqual(['completed', 'gave up\n']);
});

test('displays have a number and a size, and the model is told what was left out', async () => {
  const events: SessionEvent[] = [];
  await using session = new Session({
    executor,
    limits: { maxDisplays: 3, displayBytes: 5_000 },
    onEvent: (event) => event.type === 'display' && events.push(event),
  });
  const many = await session.run('for n in range(10): display(n)');
  expect([many.displays.length, many.displaysOmitted, events.length]).toEqual([3, 7, 3]);
  expect(describeResult(many)).toBe('0\n1\n2\n[7 displays were left out: show fewer or smaller ones.]');
  const large = await session.run('display("x" * 4_000); display("x" * 4_000); display("y")');
  expect([large.displays.length, large.displaysOmitted]).toEqual([2, 1]);
  const few = await session.run('display(1)');
  expect('displaysOmitted' in few).toBe(false);
});

test('an argument that looks like a credential is told once, without the credential', async () => {
  const warnings: string[] = [];
  await using session = new Session({
    executor,
    tools: sampleTools(),
    onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
  });
  const { runId } = await session.run(
    'for _ in range(3):\n    tools.echo(login={"password": "hunter2"}, page_token="x")\ntools.echo(a={"\\x1b[2J\\n": {"secret": "x"}})',
  );
  expect(warnings).toEqual([
    `The argument 'login.password' of tools.echo in line 2 of run ${runId} looks like a credential. Keep credentials on the host: give them to the tool, not to the model.`,
    `The argument 'a.\\u001b[2J\\u000a.secret' of tools.echo in line 3 of run ${runId} looks like a credential. Keep credentials on the host: give them to the tool, not to the model.`,
  ]);
});
