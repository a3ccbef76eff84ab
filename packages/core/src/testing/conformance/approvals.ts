import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { SessionEvent } from '../../events.ts';
import type { Run } from '../../run.ts';
import { type ConformanceContext, completed, failure, refusal, requestsOf, resultOf } from './context.ts';

/** A call that needs approval pauses live Python; a decision settles it. Code never runs twice. */
export function approvalCases({ fresh }: ConformanceContext): void {
  test('a request waits, and approval lets the call go on in place', async () => {
    const session = fresh();
    const before = Date.now();
    const code = 'print("before")\nr = tools.pay(amount=7)\nprint("after")\nr';
    const run = session.begin(code);
    const requests = await requestsOf(run);
    expect(requests).toEqual([
      {
        requestId: `${run.id}-a1`,
        runId: run.id,
        kind: 'call',
        callId: expect.any(Number),
        namespace: 'tools',
        toolName: 'pay',
        arguments: { amount: 7 },
        editable: true,
        line: 2,
        lineText: 'r = tools.pay(amount=7)',
        codeSha256: hash('sha256', code),
        requestedAt: expect.any(Number),
      },
    ]);
    expect(requests[0]?.requestedAt).toBeGreaterThanOrEqual(before);
    expect(JSON.parse(JSON.stringify(requests))).toEqual(requests);
    expect(await requestsOf(run)).toEqual(requests);
    run.decide({ requestId: requests[0]?.requestId as string, approved: true });
    const result = await resultOf(run);
    expect([completed(result), result.stdout]).toEqual(['paid 7', 'before\nafter\n']);
    expect(result.calls.map(({ status }) => status)).toEqual(['completed']);
  });

  test('a denial is a PermissionError that the code can catch', async () => {
    const session = fresh();
    const run = session.begin(
      'try:\n    tools.pay(amount=7)\nexcept PermissionError as e:\n    r = [type(e).__name__, str(e)]\nr',
    );
    const [request] = await requestsOf(run);
    run.decide({ requestId: request?.requestId as string, approved: false, message: 'Too much.' });
    const result = await resultOf(run);
    expect(completed(result)).toEqual(['ApprovalDeniedError', 'Too much.']);
    expect(result.calls.map(({ status, error }) => [status, error])).toEqual([['denied', 'Too much.']]);
  });

  test('gathered requests come together and are decided one by one', async () => {
    const session = fresh();
    const run = session.begin(
      'import asyncio\nawait asyncio.gather(*(tools.pay.aio(amount=n) for n in range(3)), return_exceptions=True)\n',
    );
    // A slow machine may take its time between one and the next.
    await expect.poll(async () => (await requestsOf(run)).length, { timeout: 50_000 }).toBe(3);
    const requests = await requestsOf(run);
    expect(requests.map(({ arguments: { amount } }) => amount)).toEqual([0, 1, 2]);
    run.decide({ requestId: requests[1]?.requestId as string, approved: true });
    expect((await requestsOf(run)).map(({ arguments: { amount } }) => amount)).toEqual([0, 2]);
    run.decide([0, 2].map((n) => ({ requestId: requests[n]?.requestId as string, approved: true })));
    expect(completed(await resultOf(run))).toEqual(['paid 0', 'paid 1', 'paid 2']);
  });

  test('deciding twice, or on nothing, is refused and changes nothing', async () => {
    const session = fresh();
    const run = session.begin('tools.pay(amount=1), tools.pay(amount=2)');
    const [first] = await requestsOf(run);
    const decision = { requestId: first?.requestId as string, approved: true };
    expect(refusal(() => run.decide([decision, { requestId: 'nothing', approved: true }]))).toBe(
      `decision_not_pending: No approval request "nothing" is waiting (open: ${first?.requestId}). Each request is decided once.`,
    );
    expect(await requestsOf(run)).toEqual([first]);
    run.decide(decision);
    expect(refusal(() => run.decide(decision))).toBe(
      `decision_not_pending: No approval request "${first?.requestId}" is waiting (open: none). Each request is decided once.`,
    );
    const [second] = await requestsOf(run);
    run.decide({ requestId: second?.requestId as string, approved: true });
    expect(completed(await resultOf(run))).toEqual(['paid 1', 'paid 2']);
  });

  test('the clocks stand still meanwhile', async () => {
    const session = fresh({ limits: { timeoutMs: 1_000, callTimeoutMs: 1_000 } });
    const run = session.begin('tools.pay(amount=1)');
    const [request] = await requestsOf(run);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    run.decide({ requestId: request?.requestId as string, approved: true });
    expect(completed(await resultOf(run))).toBe('paid 1');
  });

  test('getRun attaches to the run that waits', async () => {
    const session = fresh();
    const { id } = session.begin('tools.pay(amount=1)');
    const attached = session.getRun(id) as Run;
    const [request] = await requestsOf(attached);
    attached.decide({ requestId: request?.requestId as string, approved: true });
    expect(completed(await resultOf(attached))).toBe('paid 1');
    expect(completed(await resultOf(session.getRun(id) as Run))).toBe('paid 1');
    expect(session.getRun('nothing')).toBe(undefined);
  });

  test('abort while a request waits', async () => {
    const session = fresh();
    const run = session.begin('tools.pay(amount=1)');
    const [request] = await requestsOf(run);
    run.abort();
    expect(await resultOf(run)).toMatchObject({
      status: 'interrupted',
      reason: 'aborted',
      message: expect.stringMatching(/^The run was aborted\. Python was stopped; /),
    });
    expect(refusal(() => run.decide({ requestId: request?.requestId as string, approved: true }))).toBe(
      `decision_not_pending: No approval request "${request?.requestId}" is waiting (open: none). Each request is decided once.`,
    );
  });

  test('run() asks onApproval; without one, and when it fails, the call is denied', async () => {
    const asked: unknown[] = [];
    const yes = fresh({
      onApproval: (requests) => {
        asked.push(requests.map(({ toolName }) => toolName));
        return requests.map(({ requestId }) => ({ requestId, approved: true }));
      },
    });
    expect(completed(await yes.run('tools.pay(amount=1)'))).toBe('paid 1');
    expect(asked).toEqual([['pay']]);
    expect(failure(await fresh().run('tools.pay(amount=1)'))).toBe(
      'ApprovalDeniedError: This call needs approval and nobody can be asked: pass `onApproval` to the session.',
    );
    const broken = fresh({
      onApproval: () => {
        throw new Error('no line');
      },
    });
    expect(failure(await broken.run('tools.pay(amount=1)'))).toBe(
      'ApprovalDeniedError: The call could not be approved: no line',
    );
    expect(failure(await fresh({ onApproval: () => [] }).run('tools.pay(amount=1)'))).toBe(
      'ApprovalDeniedError: Nobody decided on this call.',
    );
  });

  test('events, in order', async () => {
    const events: SessionEvent[] = [];
    const session = fresh({
      onEvent: (event) => events.push(event),
      onApproval: ([request]) => [{ requestId: request?.requestId as string, approved: true }],
    });
    await session.run('print("a")\ntools.pay(amount=1)\ndisplay(1)\nprint("b")');
    expect(events.map(({ type }) => type)).toEqual([
      'kernel-start',
      'run-start',
      'output',
      'call-start',
      'approval-request',
      'approval-decision',
      'call-end',
      'display',
      'output',
      'run-end',
    ]);
  });
}
