import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { resolveLimits, type SessionLimits } from '../../src/limits.ts';
import { type AnswerCall, type CallingRun, Dispatch } from '../../src/namespaces/dispatch.ts';
import type { Namespace } from '../../src/namespaces/namespace.ts';
import { RememberedApprovals } from '../../src/policy/remembered-approvals.ts';
import { Session } from '../../src/session.ts';
import { defineTool } from '../../src/tool-sources/function.ts';

const executor = new SubprocessExecutor();
afterAll(() => executor.close());

/** A call as Python may forge it, past `tools` and `deps`. */
const forged = (namespace: string, operation: string, name: string, args: string) => `
import sys
channel, kernel = tools.__dict__["_calls"], sys.modules
try:
    channel.call("${namespace}", "${operation}", "${name}", ${args}, kernel["code_mode_kernel.values"].Attachment())
except PermissionError as error:
    print(error)
`;

test('a request for approval names what is asked for, whatever name the frame carries', async () => {
  const asked: string[] = [];
  await using session = new Session({
    executor,
    deps: { ask: true },
    tools: [defineTool({ name: 'weather', description: '', execute: () => 1 })],
    onApproval: (requests) =>
      requests.map(({ requestId, toolName }) => {
        asked.push(toolName);
        return { requestId, approved: false, message: 'no' };
      }),
  });
  const result = await session.run(forged('deps', 'add', 'weather', '{"requirements": ["six"]}'));
  expect([result.stdout, asked]).toEqual(['no\n', ['deps.add']]);
});

test('a tool whose run was stopped while its arguments were checked does not run', async () => {
  let checking = () => {};
  const started = new Promise<void>((resolve) => {
    checking = resolve;
  });
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const ran: unknown[] = [];
  const tool = defineTool({ name: 'slow_check', description: '', execute: () => ran.push(1) });
  const validate = async (input: Record<string, unknown>) => {
    checking();
    await held;
    return { ok: true as const, input };
  };
  await using session = new Session({ executor, tools: [{ ...tool, validate }] });
  const run = session.begin('tools.slow_check()');
  await started;
  run.abort();
  const state = await run.settled();
  release();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([state.kind === 'finished' && state.result.status, ran]).toEqual(['interrupted', []]);
});

test('parts whose answers nobody reads are held back, by whatever ids they come', async () => {
  const answers: { callId: number; taken: (() => void) | undefined }[] = [];
  const { dispatch, performed } = dispatchOfParts({}, (callId, _answer, taken) => answers.push({ callId, taken }));
  for (let callId = 1; callId <= 100; callId++) void dispatch.call(part(callId), undefined);
  await turn();
  expect([performed(), answers.length]).toEqual([32, 32]);
  for (let again = 0; again < 10; again++) void dispatch.call(part(1), undefined);
  await turn();
  expect(answers.filter(({ taken }) => taken !== undefined).length).toBe(32);
  answers[0]?.taken?.();
  answers[1]?.taken?.();
  await turn();
  expect(performed()).toBe(34);
});

test('parts in flight are no more than calls may be, and hold no more than these', async () => {
  const errors: unknown[] = [];
  const answer: AnswerCall = (callId, answered) => 'error' in answered && errors.push([callId, answered.error.kind]);
  const few = dispatchOfParts({ maxCalls: 3 }, answer);
  for (let callId = 1; callId <= 5; callId++) void few.dispatch.call(part(callId), undefined);
  const small = dispatchOfParts({ callArgumentBytes: 1_000 }, answer);
  for (let callId = 10; callId <= 12; callId++) void small.dispatch.call(part(callId, 'x'.repeat(400)), undefined);
  await turn();
  expect(errors).toEqual([
    [4, 'limit'],
    [5, 'limit'],
    [12, 'limit'],
  ]);
  void small.dispatch.call(part(13, 'x'.repeat(400)), undefined);
  await turn();
  expect([few.performed(), small.performed()]).toEqual([3, 3]);
});

test('a result that no frame can hold is answered with an error', async () => {
  const errors: unknown[] = [];
  const { dispatch } = dispatchOfParts({}, (_callId, answered) => {
    if ('result' in answered) throw new RangeError('Invalid string length');
    errors.push(answered.error);
  });
  await dispatch.call(part(1), undefined);
  expect(errors).toEqual([
    {
      kind: 'limit',
      message: 'data.more returned too much to be sent to Python (Invalid string length); the call was made.',
    },
  ]);
});

function part(callId: number, data = '') {
  const target = { namespace: 'data', function: 'more', arguments: { data } };
  return { type: 'call-start', runId: 'r', callId, cpuMs: 0, ...target } as const;
}

/** A dispatch of a namespace that has parts alone. */
function dispatchOfParts(limits: Partial<SessionLimits>, answer: AnswerCall) {
  let performed = 0;
  const namespace: Namespace = {
    name: 'data',
    parts: new Set(['more']),
    spell: () => 'data.more',
    about: () => ({ name: 'data.more', annotations: {} }),
    prepare: () => ({ perform: () => ++performed }),
  };
  const run: CallingRun = {
    id: 'r',
    code: '',
    limits: resolveLimits(limits),
    context: undefined,
    asyncContext: () => (effect) => effect(),
    trace: undefined,
    ask: () => Promise.reject(new Error('nobody asks')),
    emit: () => {},
    callStarted: () => {},
    callEnded: () => {},
  };
  const rules = {
    sessionId: 's',
    policy: undefined,
    remembered: new RememberedApprovals(),
    middleware: [],
    emit: () => {},
  };
  return {
    dispatch: new Dispatch(new Map([['data', namespace]]), run, rules, answer),
    performed: () => performed,
  };
}
