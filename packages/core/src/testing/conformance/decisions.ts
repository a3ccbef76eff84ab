import { expect, test } from 'vitest';
import type { SessionEvent } from '../../events.ts';
import { defineTool } from '../../tool-sources/function.ts';
import { sampleTools } from '../sample-tools.ts';
import { type ConformanceContext, completed, failure, refusal, requestsOf, resultOf } from './context.ts';

/** What becomes of a request, whatever somebody decides, or nobody does. */
export function decisionCases({ fresh }: ConformanceContext): void {
  test('close and a crash while a request waits', async () => {
    const closed = fresh();
    const run = closed.begin('tools.pay(amount=1)');
    const [request] = await requestsOf(run);
    await closed.close();
    expect(await resultOf(run)).toMatchObject({ status: 'interrupted', reason: 'aborted' });
    expect(refusal(() => run.decide({ requestId: request?.requestId as string, approved: true }))).toMatch(
      /^decision_not_pending: /,
    );

    const crash = Promise.withResolvers<void>();
    const hold = defineTool({ name: 'hold', description: 'Waits for the test.', execute: () => crash.promise });
    const crashed = Promise.withResolvers<void>();
    const crashing = fresh({
      tools: [...sampleTools(), hold],
      onEvent: ({ type }) => type === 'run-end' && crashed.resolve(),
    }).begin(
      'import os, threading\nthreading.Thread(target=tools.pay, kwargs={"amount": 1}).start()\ntools.hold()\nos._exit(3)',
    );
    const [waiting] = await requestsOf(crashing);
    crash.resolve();
    await crashed.promise;
    expect(await resultOf(crashing)).toMatchObject({ status: 'crashed', detail: { exitCode: 3 } });
    expect(refusal(() => crashing.decide({ requestId: waiting?.requestId as string, approved: true }))).toMatch(
      /^decision_not_pending: /,
    );
  });

  test('edited arguments are checked again, and are what runs', async () => {
    const session = fresh();
    const run = session.begin(
      'tools.pay(amount=700)\ntry:\n    tools.pay(amount=800)\nexcept PermissionError as e:\n    print(e)',
    );
    const [first] = await requestsOf(run);
    expect(refusal(() => run.decide({ requestId: first?.requestId as string, approved: false, arguments: {} }))).toBe(
      `invalid_arguments: The decision on "${first?.requestId}" denies, so it cannot have arguments.`,
    );
    run.decide({ requestId: first?.requestId as string, approved: true, arguments: { amount: 7 } });
    const [second] = await requestsOf(run);
    run.decide({ requestId: second?.requestId as string, approved: true, arguments: { amount: 'lots' } });
    const result = await resultOf(run);
    expect(result.stdout).toBe(
      'The arguments were edited when the call was approved, and do not fit: tools.pay(amount=…): amount must be a number, got "lots" (str)\n',
    );
    expect(result.calls.map(({ status }) => status)).toEqual(['completed', 'denied']);
  });

  test('what is not clearly a decision is refused, and run() takes it for a no', async () => {
    const session = fresh();
    const run = session.begin('tools.pay(amount=1)');
    const [request] = await requestsOf(run);
    const requestId = request?.requestId as string;
    expect(refusal(() => run.decide({ requestId, approved: 'false' } as never))).toBe(
      `invalid_arguments: The decision on "${requestId}" must say approved: true or false, not "false".`,
    );
    expect(
      refusal(() =>
        run.decide([
          { requestId, approved: true },
          { requestId, approved: false },
        ]),
      ),
    ).toBe('decision_not_pending: Two decisions answer one request. Each is decided once.');
    expect(await requestsOf(run)).toEqual([request]);
    run.abort();
    const careless = fresh({
      onApproval: (requests) => requests.map(({ requestId: id }) => ({ requestId: id, approved: 1 }) as never),
    });
    expect(failure(await careless.run('tools.pay(amount=1)'))).toMatch(
      /^ApprovalDeniedError: The call could not be approved: The decision on ".*" must say approved: true or false, not 1\.$/,
    );
  });

  test('an approval for the session holds for the same arguments, in this session', async () => {
    const asked: unknown[] = [];
    const remember = () =>
      fresh({
        onApproval: (requests) =>
          requests.map(({ requestId, arguments: args }) => {
            asked.push(args);
            return { requestId, approved: true, scope: 'session' };
          }),
      });
    const session = remember();
    expect(completed(await session.run('tools.pay(amount=1), tools.pay(amount=1)'))).toEqual(['paid 1', 'paid 1']);
    expect(completed(await session.run('tools.pay(amount=1), tools.pay(amount=2)'))).toEqual(['paid 1', 'paid 2']);
    expect(completed(await remember().run('tools.pay(amount=1)'))).toBe('paid 1');
    expect(asked).toEqual([{ amount: 1 }, { amount: 2 }, { amount: 1 }]);
  });

  test('no decision within approvalTimeoutMs is a no, also while somebody still thinks', async () => {
    const message = 'Nobody decided within 50 ms (limits.approvalTimeoutMs), so it was denied.';
    let told: AbortSignal | undefined;
    const session = fresh({
      limits: { approvalTimeoutMs: 50 },
      onApproval: (_requests, { signal }) => {
        told = signal;
        return new Promise(() => {});
      },
    });
    expect(failure(await session.run('tools.pay(amount=1)'))).toBe(`ApprovalDeniedError: ${message}`);
    expect(told?.aborted).toBe(true);
    const events: SessionEvent[] = [];
    const ended = Promise.withResolvers<void>();
    const run = fresh({
      limits: { approvalTimeoutMs: 50 },
      onEvent: (event) => {
        events.push(event);
        if (event.type === 'run-end') ended.resolve();
      },
    }).begin('tools.pay(amount=1)');
    await ended.promise;
    expect(failure(await resultOf(run))).toBe(`ApprovalDeniedError: ${message}`);
    const requestId = `${run.id}-a1`;
    expect(events.filter(({ type }) => type === 'approval-decision')).toEqual([
      {
        type: 'approval-decision',
        runId: run.id,
        decision: { requestId, approved: false, message, at: expect.any(Number) },
      },
    ]);
    expect(refusal(() => run.decide({ requestId, approved: true }))).toMatch(/^decision_not_pending: /);
  });

  test('an abort ends run() too while somebody thinks', async () => {
    const stop = new AbortController();
    const session = fresh({
      onApproval: () => {
        stop.abort();
        return new Promise(() => {});
      },
    });
    expect(await session.run('tools.pay(amount=1)', { signal: stop.signal })).toMatchObject({
      status: 'interrupted',
      reason: 'aborted',
    });
  });
}
