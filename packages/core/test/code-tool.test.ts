import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, it } from 'vitest';
import type { ApprovalDecision, ApprovalRequest } from '../src/approval.ts';
import { type CodeToolStepOptions, createCodeTool, type ResultImage, type RunCodeOutput } from '../src/code-tool.ts';
import { CodeModeError } from '../src/errors.ts';
import type { PausedRun } from '../src/pending-runs.ts';
import type { RunResult } from '../src/run-result.ts';
import { Session } from '../src/session.ts';
import type { SessionOptions } from '../src/session-options.ts';
import { SessionPool } from '../src/session-pool.ts';
import { defineTool } from '../src/tool-sources/function.ts';

const opened: AsyncDisposable[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((session) => session[Symbol.asyncDispose]()));
});

/**
 * A session whose tool `pay` needs approval and writes down what it was called with; nobody is asked about amounts below
 * 10 before `together` calls are waiting.
 */
function open(options: SessionOptions = {}, together = 1) {
  let waiting: (() => void)[] = [];
  const meet = async () => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length < together) return;
      for (const go of waiting) go();
      waiting = [];
    });
    return true;
  };
  const paid: { amount: number; context: unknown }[] = [];
  const pay = defineTool<{ amount: number }>({
    name: 'pay',
    description: 'Pays.',
    input: { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] },
    needsApproval: ({ amount }) => amount >= 10 || meet(),
    execute: ({ amount }, { runContext }) => {
      paid.push({ amount, context: { ...(runContext as object) } });
      return `paid ${amount}`;
    },
  });
  const session = new Session({ tools: [pay], ...options });
  opened.push(session);
  return { session, tool: createCodeTool(session), paid, pay };
}

const approve = 'approve';
/** What the framework knows of a call is who makes it. */
const byCall = { sessionKey: (call: string) => call };
const GONE =
  'The run that asked for this approval is gone (its process or its session has ended, or the conversation went on), so nothing was done: run the code again.';
const REFUSED = 'Another run of this session waits for an approval, so this code did not run. Run it again afterwards.';

describe('step', () => {
  it('gives the result of a run that needs nobody', async () => {
    const { tool } = open();
    expect(await tool.step({ code: '6 * 7' }, { callId: 'c' })).toMatchObject({ status: 'completed', result: 42 });
  });

  it('pauses at an approval and goes on where it waits', async () => {
    const { tool, paid } = open();
    const input = { code: 'print("before")\nr = tools.pay(amount=1)\nprint("after")\nr' };
    const pause = paused(await tool.step(input, { callId: 'c' }));
    expect(pause).toMatchObject({ round: 0, stdout: 'before\n', requests: [{ toolName: 'pay', line: 2 }] });
    expect(JSON.parse(JSON.stringify(pause))).toEqual(pause);
    expect(tool.toText(pause)).toBe(
      'before\n[The run waits for approval: tools.pay(amount=1) in line 2. Call runCode again with exactly the same code: somebody is asked then, and the run goes on where it waits.]',
    );
    expect(paid).toEqual([]);
    expect(await tool.step(input, { callId: 'c', decisions: approve })).toMatchObject({
      status: 'completed',
      result: 'paid 1',
      stdout: 'before\nafter\n',
    });
    expect(paid).toHaveLength(1);
  });

  it('gives the same pause to whoever comes back without a decision', async () => {
    const { tool } = open();
    const input = { code: 'tools.pay(amount=1)' };
    const first = await tool.step(input, { callId: 'c' });
    expect(tool.hasBegun(input, { callId: 'c' })).toBe(true);
    expect(await tool.step(input, { callId: 'c' })).toEqual(first);
  });

  it('goes through several rounds, each with its own requests', async () => {
    const { tool, paid } = open({}, 2);
    const input = {
      code: 'import asyncio\nawait asyncio.gather(*(tools.pay.aio(amount=n) for n in (1, 2)))\ntools.pay(amount=30)',
    };
    const rounds: number[][] = [];
    let outcome = await tool.step(input, { callId: 'c' });
    while (outcome.status === 'approval-required') {
      rounds.push([outcome.round, ...outcome.requests.map(({ arguments: { amount } }) => amount as number)]);
      outcome = await tool.step(input, { callId: 'c', decisions: approve });
    }
    expect(rounds).toEqual([
      [0, 1, 2],
      [1, 30],
    ]);
    expect(outcome).toMatchObject({ status: 'completed', result: 'paid 30' });
    expect(paid.map(({ amount }) => amount)).toEqual([1, 2, 30]);
  });

  it('keeps what was not decided yet', async () => {
    const { tool } = open({}, 2);
    const input = { code: 'import asyncio\nawait asyncio.gather(tools.pay.aio(amount=1), tools.pay.aio(amount=2))' };
    const { runId } = paused(await tool.step(input, { callId: 'c' }));
    const second = paused(
      await tool.step(input, { callId: 'c', decisions: [{ requestId: `${runId}-a2`, approved: true }] }),
    );
    expect(second).toMatchObject({ round: 1, requests: [{ arguments: { amount: 1 } }] });
    expect(await tool.step(input, { callId: 'c', decisions: approve })).toMatchObject({ result: ['paid 1', 'paid 2'] });
  });

  it('takes one decision for everything that it paused with', async () => {
    const { tool, paid } = open({}, 2);
    const code =
      'import asyncio\n[str(r) for r in await asyncio.gather(tools.pay.aio(amount=1), tools.pay.aio(amount=2), return_exceptions=True)]';
    await tool.step({ code }, { callId: 'c' });
    const decisions = { approved: false, message: 'Not today.' };
    expect(await tool.step({ code }, { callId: 'c', decisions })).toMatchObject({
      result: ['Not today.', 'Not today.'],
    });
    expect(paid).toEqual([]);
  });

  it('decides only on what was asked, and refuses the rest', async () => {
    const { tool, paid } = open();
    const input = { code: 'tools.pay(amount=1)' };
    const { runId } = paused(await tool.step(input, { callId: 'c' }));
    const decisions = [
      { requestId: `${runId}-a1`, approved: true },
      { requestId: 'other', approved: true },
    ];
    expect(await refusalOf(tool.step(input, { callId: 'c', decisions }))).toEqual({
      code: 'decision_not_pending',
      message: `No approval request "other" is waiting (open: ${runId}-a1). Each request is decided once.`,
    });
    expect(paid).toEqual([]);
  });

  it('answers two that resume at once with one result', async () => {
    const { tool, paid } = open();
    const input = { code: 'tools.pay(amount=1)' };
    await tool.step(input, { callId: 'c' });
    const both = [1, 2].map(() => tool.step(input, { callId: 'c', decisions: approve }));
    expect(await Promise.all(both)).toMatchObject([{ result: 'paid 1' }, { result: 'paid 1' }]);
    expect(paid).toHaveLength(1);
  });

  it('says that the run is gone, and does nothing', async () => {
    const { tool, session } = open();
    const input = { code: 'tools.pay(amount=1)' };
    expect(await refusalOf(tool.step(input, { callId: 'c', decisions: approve }))).toEqual({
      code: 'run_not_found',
      message: GONE,
    });
    await tool.step(input, { callId: 'c' });
    await tool.step(input, { callId: 'c', decisions: approve });
    expect(await refusalOf(tool.step(input, { callId: 'c', decisions: approve }))).toMatchObject({ message: GONE });
    expect(await refusalOf(tool.step({ code: '1' }, { callId: 'c', decisions: approve }))).toMatchObject({
      message: GONE,
    });
    expect(await session.run('1')).toMatchObject({ runId: `${session.id.slice(0, 8)}-r2` });
  });

  it('knows which calls it has begun, also when they have ended', async () => {
    const { tool } = open();
    const begun = (code: string, callId = 'c') => tool.hasBegun({ code }, { callId });
    expect(begun('tools.pay(amount=1)')).toBe(false);
    await tool.step({ code: 'tools.pay(amount=1)' }, { callId: 'c' });
    expect([begun('tools.pay(amount=1)'), begun('2'), begun('tools.pay(amount=1)', 'd')]).toEqual([true, false, false]);
    await tool.step({ code: 'tools.pay(amount=1)' }, { callId: 'c', decisions: approve });
    expect([begun('tools.pay(amount=1)'), begun('2')]).toEqual([true, false]);
  });

  it('leaves a second pause to the next call with the same code, when the framework can ask only once', async () => {
    const { tool, paid } = open();
    const input = { code: 'tools.pay(amount=1)\ntools.pay(amount=2)' };
    const once = { callId: 'c1', decisions: approve, phase: 'execute' } as const;
    await tool.step(input, { callId: 'c1', turn: {}, phase: 'ask' });
    const second = paused(await tool.step(input, once));
    expect(second.requests).toMatchObject([{ arguments: { amount: 2 } }]);
    // The same yes, sent twice, is no yes to what came later.
    expect(await refusalOf(tool.step(input, once))).toMatchObject({ message: GONE });
    expect(await tool.step(input, { callId: 'c2', turn: {} })).toEqual(second);
    expect(await tool.step(input, { ...once, callId: 'c2' })).toMatchObject({ result: 'paid 2' });
    expect(paid.map(({ amount }) => amount)).toEqual([1, 2]);
  });

  it('runs once for a framework that asks before it executes', async () => {
    const { tool } = open();
    const turn = {};
    const input = { code: 'n = globals().get("n", 0) + 1\nn' };
    expect(await tool.step(input, { callId: 'c', turn, phase: 'ask' })).toMatchObject({ result: 1 });
    expect(await tool.step(input, { callId: 'c', phase: 'execute' })).toMatchObject({ result: 1 });
    expect(await refusalOf(tool.step(input, { callId: 'c', phase: 'execute' }))).toMatchObject({ message: GONE });
    expect(await tool.step(input, { callId: 'c', turn: {}, phase: 'ask' })).toMatchObject({ result: 2 });
    expect(await tool.step(input, { callId: 'c', turn: {}, phase: 'ask' })).toMatchObject({ result: 3 });
  });

  it('makes no session for a resume', async () => {
    const pool = new SessionPool();
    opened.push(pool);
    const resume = { callId: 'c', call: 'ann', decisions: approve } as const;
    expect(await refusalOf(createCodeTool(pool, byCall).step({ code: '1' }, resume))).toMatchObject({
      code: 'run_not_found',
    });
    expect(pool.size).toBe(0);
  });

  it('finds the run from another tool of the same session', async () => {
    const { tool, session } = open();
    const input = { code: 'tools.pay(amount=1)' };
    await tool.step(input, { callId: 'c' });
    const outcome = await createCodeTool(session).step(input, { callId: 'c', decisions: approve });
    expect(outcome).toMatchObject({ result: 'paid 1' });
  });

  it('takes an id that comes again for another program as a new call', async () => {
    const { tool } = open();
    await tool.step({ code: 'tools.pay(amount=1)' }, { callId: 'c' });
    expect(await tool.step({ code: '2' }, { callId: 'c' })).toMatchObject({ result: 2 });
  });

  it('ends a run that the conversation left behind, and keeps the variables', async () => {
    const { tool, session, paid } = open();
    const ends: RunResult[] = [];
    const onEvent: CodeToolStepOptions['onEvent'] = (event) =>
      void (event.type === 'run-end' && ends.push(event.result));
    const input = { code: 'x = 1\ntools.pay(amount=1)' };
    await tool.step(input, { callId: 'c1', turn: {}, onEvent });
    expect(await tool.step({ code: 'x' }, { callId: 'c2', turn: {} })).toMatchObject({ result: 1 });
    expect(ends).toMatchObject([
      { status: 'interrupted', reason: 'aborted', message: expect.stringContaining('went on without a decision') },
    ]);
    expect(await refusalOf(tool.step(input, { callId: 'c1', decisions: approve }))).toMatchObject({ message: GONE });
    expect([paid, session.idle]).toEqual([[], true]);
  });

  it('goes on with a run that waits when the model calls again with the same code', async () => {
    const { tool, paid } = open();
    const input = { code: 'print("once")\ntools.pay(amount=1)' };
    const first = await tool.step(input, { callId: 'c1', turn: {} });
    expect(await tool.step(input, { callId: 'c2', turn: {} })).toEqual(first);
    expect(await refusalOf(tool.step(input, { callId: 'c1', decisions: approve }))).toMatchObject({ message: GONE });
    expect(await tool.step(input, { callId: 'c2', decisions: approve })).toMatchObject({
      result: 'paid 1',
      stdout: 'once\n',
    });
    expect(paid).toHaveLength(1);
  });

  it('refuses other calls of the same turn while one waits, whenever they come', async () => {
    const { tool } = open();
    const turn = {};
    const first = tool.step({ code: 'tools.pay(amount=1)' }, { callId: 'c1', turn });
    const queued = tool.step({ code: 'print(2)' }, { callId: 'c2', turn });
    const [pause, second] = await Promise.all([first, queued]);
    const third = await tool.step({ code: 'print(3)' }, { callId: 'c3', turn });
    expect(pause).toMatchObject({ status: 'approval-required' });
    for (const refused of [second, third]) {
      expect(refused).toMatchObject({ status: 'interrupted', reason: 'aborted', stdout: '' });
      expect(tool.toText(refused)).toContain(REFUSED);
    }
    const resumed = await tool.step({ code: 'tools.pay(amount=1)' }, { callId: 'c1', decisions: approve });
    expect(resumed).toMatchObject({ result: 'paid 1' });
  });

  it('ends a run that nobody decides on', async () => {
    const { session } = open();
    const end = Promise.withResolvers<RunResult>();
    await createCodeTool(session, { keepPausedMs: 1 }).step(
      { code: 'tools.pay(amount=1)' },
      { callId: 'c', onEvent: (event) => event.type === 'run-end' && end.resolve(event.result) },
    );
    const message = expect.stringContaining('Nobody decided on this run for 1 ms (keepPausedMs).');
    expect(await end.promise).toMatchObject({ status: 'interrupted', message });
  });

  it('gives a late answer the result of the run, and holds up nothing', async () => {
    const { tool, session, paid } = open();
    const ended = Promise.withResolvers<void>();
    const impatient = createCodeTool(session, { keepPausedMs: 1 });
    const input = { code: 'tools.pay(amount=1)' };
    await impatient.step(input, { callId: 'c1', onEvent: (event) => event.type === 'run-end' && ended.resolve() });
    await ended.promise;
    await tool.step({ code: 'tools.pay(amount=2)' }, { callId: 'c2', turn: {} });
    expect(await tool.step(input, { callId: 'c1', decisions: approve })).toMatchObject({ status: 'interrupted' });
    expect(await tool.step({ code: '3' }, { callId: 'c3', turn: {} })).toMatchObject({ result: 3 });
    expect(paid).toEqual([]);
  });

  it.each([{ keepPausedMs: 0 }, { keepPausedMs: 2 ** 31 }])('refuses %j', (options) => {
    expect(() => createCodeTool(open().session, options)).toThrow('keepPausedMs must be a number from 1');
  });

  it('is aborted by the signal of the step, and not by that of an earlier one', async () => {
    const { tool, paid } = open();
    const [first, second] = [new AbortController(), new AbortController()];
    const input = { code: 'tools.pay(amount=1)\ntools.pay(amount=2)' };
    await tool.step(input, { callId: 'c', signal: first.signal });
    first.abort();
    const pause = paused(await tool.step(input, { callId: 'c', signal: second.signal, decisions: approve }));
    expect(pause).toMatchObject({ round: 1 });
    second.abort();
    expect(await tool.step(input, { callId: 'c', signal: second.signal })).toMatchObject({
      status: 'interrupted',
      reason: 'aborted',
    });
    expect(paid.map(({ amount }) => amount)).toEqual([1]);
  });

  it('gives the tools the context of the step that let them go on', async () => {
    const { tool, paid } = open();
    const input = { code: 'tools.pay(amount=1)' };
    await tool.step(input, { callId: 'c', call: { request: 1, only: 'first' } });
    await tool.step(input, { callId: 'c', call: { request: 2 }, decisions: approve });
    expect(paid).toEqual([{ amount: 1, context: { request: 2 } }]);
  });

  it('throws broken machinery, and forgets the run', async () => {
    const { tool, session } = open();
    await session.close();
    expect(await refusalOf(tool.step({ code: '1' }, { callId: 'c' }))).toMatchObject({ code: 'session_closed' });
  });
});

describe('stream', () => {
  it('shows that somebody is being asked', async () => {
    const asked = Promise.withResolvers<void>();
    const { tool } = open({ onApproval: async (requests) => asked.promise.then(() => allow(requests)) });
    const seen: RunCodeOutput[] = [];
    const running = tool.stream({ code: 'print("a")\ntools.pay(amount=1)' });
    let step = await running.next();
    for (; !step.done; step = await running.next()) {
      seen.push(step.value);
      if (step.value.status === 'awaiting-approval') asked.resolve();
    }
    const waiting = seen.find(({ status }) => status === 'awaiting-approval');
    expect(waiting).toMatchObject({ stdout: 'a\n', requests: [{ toolName: 'pay', arguments: { amount: 1 } }] });
    expect(step.value).toMatchObject({ status: 'completed', result: 'paid 1' });
  });

  it('shows on a resume what the run had printed before', async () => {
    const { tool } = open();
    const input = { code: 'print("a")\ntools.pay(amount=1)\nprint("b")\ntools.pay(amount=2)' };
    await tool.step(input, { callId: 'c' });
    const running = tool.streamStep(input, { callId: 'c', decisions: approve });
    let step = await running.next();
    while (!step.done) step = await running.next();
    expect(step.value).toMatchObject({ status: 'approval-required', round: 1, stdout: 'a\nb\n' });
  });
});

describe('tools that come with a call', () => {
  it('are in the description, and bound to the session of the call alone', async () => {
    const pool = new SessionPool();
    opened.push(pool);
    const tool = createCodeTool(pool, byCall);
    const of = (name: string) => [defineTool({ name, description: 'Mine.', execute: () => name })];
    expect(tool.description(of('ann_only'))).toContain('def ann_only()');
    expect(tool.description()).not.toContain('ann_only');
    const list = (call: string) =>
      tool.execute({ code: 'tools.list()' }, { call, tools: { source: 'host', tools: of(`${call}_only`) } });
    expect(JSON.stringify(await list('ann'))).toContain('ann_only');
    expect(JSON.stringify(await list('bob'))).not.toContain('ann_only');
  });
});

describe('the async context of a call', () => {
  const who = new AsyncLocalStorage<string>();
  /** A tool that tells who asks, and whose gate does. */
  function asking() {
    const seen: (string | undefined)[] = [];
    const tell = defineTool<{ gated: boolean }>({
      name: 'tell',
      description: '',
      input: { type: 'object', properties: { gated: { type: 'boolean' } }, required: ['gated'] },
      needsApproval: ({ gated }) => {
        seen.push(`gate of ${who.getStore()}`);
        return gated;
      },
      execute: () => void seen.push(who.getStore()),
    });
    return { seen, tool: open({ tools: [tell] }).tool };
  }

  it('is that of its own run, whoever started Python', async () => {
    const { seen, tool } = asking();
    const input = { code: 'tools.tell(gated=False)' };
    for (const name of ['ann', 'bob']) await who.run(name, () => tool.execute(input));
    expect(seen).toEqual(['gate of ann', 'ann', 'gate of bob', 'bob']);
  });

  it('is that of the resume after a pause', async () => {
    const { seen, tool } = asking();
    const input = { code: 'tools.tell(gated=True)\ntools.tell(gated=False)' };
    await who.run('ann', () => tool.step(input, { callId: 'c' }));
    await who.run('bob', () => tool.step(input, { callId: 'c', decisions: approve }));
    expect(seen).toEqual(['gate of ann', 'bob', 'gate of bob', 'bob']);
  });
});

it('gives a framework the outcome as text, with images as text and parts', async () => {
  const { tool } = open();
  const toPart = ({ mediaType, data }: ResultImage) => `${mediaType} ${data}`;
  expect(tool.toContent(await tool.execute({ code: '6 * 7' }), toPart)).toBe('Result: 42');
  const code = 'class Dot:\n    def _repr_png_(self):\n        return b"hi"\ndisplay(Dot())';
  expect(tool.toContent(await tool.execute({ code }), toPart)).toEqual([
    { type: 'text', text: expect.stringContaining('image/png') },
    'image/png aGk=',
  ]);
});

it("keeps the description of a framework's tool up to date", async () => {
  const { tool, session } = open();
  const described = tool.describe({ name: 'runCode', description: '' });
  expect(described.description).toBe(tool.description());
  session.tools.bind('late', [defineTool({ name: 'late', description: 'Comes late.', execute: () => 1 })]);
  expect({ ...described }.description).toContain('def late()');
});

function allow(requests: ApprovalRequest[]): ApprovalDecision[] {
  return requests.map(({ requestId }) => ({ requestId, approved: true }));
}

function paused(outcome: RunResult | PausedRun): PausedRun {
  if (outcome.status !== 'approval-required') throw new Error(`It did not pause: ${JSON.stringify(outcome)}`);
  return outcome;
}

async function refusalOf(action: Promise<unknown>): Promise<{ code: string; message: string } | undefined> {
  const error: unknown = await action.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!CodeModeError.isInstance(error)) throw new Error(`It was not refused: ${String(error)}`);
  return { code: error.code, message: error.message };
}
