import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { SessionOptions } from '../../src/session-options.ts';
import { describeRun } from './describe-run.ts';
import { FaultBench, type Subject, useOwnFolder } from './fault-bench.ts';

useOwnFolder();

const ABORTED = 'interrupted: The run was aborted. Python was stopped; the variables are kept.';
const WORKFLOW = 'def run(n: int):\n    """Doubles."""\n    return tools.count(n=n) * 2\n';
/** Everything that a run can wait for; each effect has a number of its own. */
const code = (first: number) => `
import asyncio
print("begun")
tools.count(n=${first})
workflows.double(n=${first + 1})
artifacts.save("saved.txt", "text")
display("shown")
async def both(): return await asyncio.gather(tools.count.aio(n=${first + 2}), tools.count.aio(n=${first + 3}))
await both()
len(artifacts.load("saved.txt"))`;

/** Calls `step` wherever the host is asked something or told something. */
function stepping(step: (name: string) => void): Partial<SessionOptions> {
  return {
    limits: { interruptGraceMs: 20_000 },
    policy: async (request) => {
      step(`policy ${request.kind}`);
      return request.kind === 'call' && request.name === 'count' ? 'ask' : 'allow';
    },
    middleware: [
      async (call, next) => {
        step(`before ${call.name}`);
        const result = await next();
        step(`after ${call.name}`);
        return result;
      },
    ],
    onApproval: async (requests) => {
      step('approval');
      return requests.map(({ requestId }) => ({ requestId, approved: true }));
    },
    onEvent: (event) => step(event.type),
  };
}

/** Opens a session in which something happens at the step with a number, counted from when that was said. */
function openStepping(bench: FaultBench) {
  let left = Number.POSITIVE_INFINITY;
  let act = () => {};
  let effectsThen: unknown[] = [];
  const options = stepping(() => {
    if (--left !== 0) return;
    effectsThen = [...subject.effects];
    act();
  });
  const subject: Subject = bench.open(options);
  return {
    subject,
    at: (step: number, action: () => void) => {
      subject.effects.length = 0;
      left = step;
      act = action;
    },
    stepsSince: (step: number) => step - left,
    /** No effect twice, none of another run, and none after what happened at the step. */
    expectNoMore: (first: number) => {
      const own = [first, first + 1, first + 2, first + 3];
      // Of two at the same time either may be first.
      expect(new Set(effectsThen).size).toBe(effectsThen.length);
      expect(effectsThen.filter((n) => !own.includes(n as number))).toEqual([]);
      expect(subject.effects).toEqual(effectsThen);
    },
  };
}

async function countSteps(bench: FaultBench): Promise<number> {
  const { subject, at, stepsSince } = openStepping(bench);
  await subject.session.workflows.create('double', WORKFLOW);
  await subject.session.run('1');
  at(1_000, () => {});
  expect(await subject.run(code(0))).toBe('completed 4');
  expect(new Set(subject.effects)).toEqual(new Set([0, 1, 2, 3]));
  return stepsSince(1_000);
}

test('a run aborted at each of its steps does nothing more, and the session goes on', {
  timeout: 300_000,
}, async () => {
  await using bench = new FaultBench();
  const steps = await countSteps(bench);
  const { subject, at, expectNoMore } = openStepping(bench);
  await subject.session.workflows.create('double', WORKFLOW);
  await subject.session.run('kept = 0');
  let aborted = 0;
  for (let step = 1; step <= steps; step++) {
    const controller = new AbortController();
    at(step, () => controller.abort());
    const outcome = await subject.run(code(step * 10), { signal: controller.signal });
    // How many approvals are asked for together is a matter of luck, and so is the last step.
    if (outcome !== 'completed 4') {
      expect([step, outcome]).toEqual([step, ABORTED]);
      expectNoMore(step * 10);
      aborted++;
    }
    expect([step, await subject.run('kept += 1\nkept')]).toEqual([step, `completed ${step}`]);
  }
  expect(aborted).toBeGreaterThan(35);
});

test('a session reset or closed at each of the steps of its run does nothing more', { timeout: 300_000 }, async () => {
  await using bench = new FaultBench();
  const steps = await countSteps(bench);
  for (let step = 1; step <= steps; step += 3) {
    const { subject, at, expectNoMore } = openStepping(bench);
    const { session } = subject;
    await session.workflows.create('double', WORKFLOW);
    let acted: Promise<void> | undefined;
    const [first, second] = [step * 10, step * 10 + 5];
    at(step, () => {
      acted = session.reset();
    });
    const reset = await subject.run(code(first));
    await acted;
    if (reset !== 'completed 4') {
      expect([step, reset]).toEqual([step, expect.stringMatching(/^interrupted: The session was reset\. /)]);
      expectNoMore(first);
    }
    expect([step, await subject.run('1 + 1')]).toEqual([step, 'completed 2']);
    at(step, () => {
      acted = session.close();
    });
    const closed = await subject.run(code(second));
    await acted;
    if (closed !== 'completed 4') {
      expect([step, closed]).toEqual([step, expect.stringMatching(/^interrupted: The session was closed\. /)]);
      expectNoMore(second);
    }
    await session.close();
  }
});

test('a run aborted while its kernel starts leaves the session whole', { timeout: 300_000 }, async () => {
  await using bench = new FaultBench();
  await bench.open().run('1');
  for (let turns = 0; turns < 60; turns += 2) {
    const subject = bench.open();
    const run = subject.session.begin('tools.count(n=1)\nwhile True: pass');
    for (let n = 0; n < turns; n++) await turn();
    run.abort();
    const state = await run.settled();
    expect(state.kind === 'finished' && describeRun(state.result)).toBe(ABORTED);
    expect([turns, await subject.run('tools.count(n=2)')]).toEqual([turns, `completed ${subject.effects.length}`]);
    expect(subject.effects.filter((n) => n === 2)).toEqual([2]);
    await subject.session.close();
  }
});

test('a request is decided once, whatever comes at the same time', { timeout: 120_000 }, async () => {
  await using bench = new FaultBench();
  for (const order of [
    'decide abort',
    'abort decide',
    'decide close',
    'close decide',
    'decide reset',
    'reset decide',
  ]) {
    const subject = bench.open({ policy: 'ask-all' });
    const run = subject.session.begin('tools.count(n=1)');
    const state = await run.settled();
    const [request] = state.kind === 'approval' ? state.requests : [];
    const done = order.split(' ').map((action) => {
      if (action === 'abort') return run.abort();
      if (action === 'close') return subject.session.close();
      if (action === 'reset') return subject.session.reset();
      try {
        return run.decide({ requestId: request?.requestId ?? '', approved: true });
      } catch (error) {
        return (error as { code?: string }).code;
      }
    });
    const end = await run.settled();
    const [first] = await Promise.all(done);
    expect([order, end.kind === 'finished' && end.result.status]).toEqual([order, 'interrupted']);
    expect([order, subject.effects]).toEqual([order, []]);
    expect([order, order.endsWith('decide') ? (await Promise.all(done))[1] : first]).toEqual([
      order,
      order.endsWith('decide') ? 'decision_not_pending' : undefined,
    ]);
    await subject.session.close();
  }
});
