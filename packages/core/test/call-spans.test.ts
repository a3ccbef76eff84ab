import { expect, it } from 'vitest';
import { type CallSpan, callSpans } from '../src/call-spans.ts';
import type { SessionEvent } from '../src/events.ts';

const start = (callId: number): SessionEvent => ({
  type: 'call-start',
  runId: 'r',
  callId,
  name: `tools.t${callId}`,
  arguments: { callId },
});

function end(callId: number, error?: string): SessionEvent {
  const record = { callId, name: `tools.t${callId}`, durationMs: 1 };
  return error === undefined
    ? { type: 'call-end', runId: 'r', status: 'completed', ...record }
    : { type: 'call-end', runId: 'r', status: 'failed', error, ...record };
}

it('opens a span for each call, which ends with it, or with the trace', async () => {
  const spans: CallSpan[] = [];
  const { onEvent, end: endAll } = callSpans((span) => spans.push(span));
  for (const event of [start(1), start(2), start(3), end(2, 'no such file'), end(1)]) onEvent(event);
  expect(spans).toMatchObject([1, 2, 3].map((callId) => ({ name: `tools.t${callId}`, arguments: { callId } })));
  const [first, second, third] = spans.map(({ ended }) => ended);
  await expect(first).resolves.toBeUndefined();
  await expect(second).rejects.toThrow('no such file');
  endAll();
  await expect(third).resolves.toBeUndefined();
  onEvent(end(3));
  expect(spans).toHaveLength(3);
});

it('opens a span at the end of a call that began before a pause, and says how it ended', async () => {
  const spans: CallSpan[] = [];
  callSpans((span) => spans.push(span)).onEvent(end(1, 'no such file'));
  expect(spans.map(({ name }) => name)).toEqual(['tools.t1']);
  await expect(spans[0]?.ended).rejects.toMatchObject({ message: 'no such file', cause: 'failed' });
});
