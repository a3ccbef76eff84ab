import { expect, test } from 'vitest';
import { CodeModeError } from '../../src/errors.ts';
import type { SessionEvent } from '../../src/events.ts';
import { Session } from '../../src/session.ts';
import type { SessionOptions } from '../../src/session-options.ts';
import { defineTool } from '../../src/tool-sources/function.ts';

const input = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] } as const;
const tools = [
  defineTool({ name: 'my-tool', description: '', input, execute: ({ n }) => Number(n) * 2 }),
  defineTool({ name: 'gated', description: '', needsApproval: true, execute: () => 1 }),
  defineTool({ name: 'fail', description: '', execute: () => Promise.reject(new RangeError('too far')) }),
];

async function attempt(session: Session, ...call: Parameters<Session['tools']['call']>): Promise<unknown> {
  try {
    return await session.tools.call(...call);
  } catch (error) {
    return CodeModeError.isInstance(error) ? `${error.code}: ${error.message}` : String(error);
  }
}

test('host code calls tools the way Python does, and each call is recorded', async () => {
  const events: SessionEvent[] = [];
  const options: SessionOptions = { policy: { arguments: ({ n }) => n === 13, outcome: 'deny', reason: 'Unlucky.' } };
  await using session = new Session({ tools, ...options, journal: {}, onEvent: (event) => events.push(event) });
  expect(await attempt(session, 'my-tool', { n: 4 })).toBe(8);
  expect(await attempt(session, 'my-tool', { n: 13 })).toBe('approval_denied: tools.my_tool was denied: Unlucky.');
  expect(await attempt(session, 'my-tool', { n: 'x' })).toBe(
    'invalid_arguments: tools.my_tool(n=…): n must be a number, got "x" (str)',
  );
  expect(await attempt(session, 'gated')).toBe(
    'approval_required: gated needs approval; call it from a run, where somebody can be asked.',
  );
  expect(await attempt(session, 'fail')).toBe('RangeError: too far');
  expect(await attempt(session, 'my_tol')).toBe("tool_not_found: No tool is named 'my_tol'. Did you mean 'my_tool'?");
  expect(await attempt(session, 'my-tool', { n: 1 }, { signal: AbortSignal.abort(new Error('gone')) })).toBe(
    'Error: gone',
  );
  const records = events.flatMap((event) =>
    event.type === 'host-call' ? [[event.name, event.arguments, event.status, event.error]] : [],
  );
  expect(records).toEqual([
    ['tools.my_tool', { n: 4 }, 'completed', undefined],
    ['tools.my_tool', { n: 13 }, 'denied', 'tools.my_tool was denied: Unlucky.'],
    ['tools.my_tool', { n: 'x' }, 'failed', 'tools.my_tool(n=…): n must be a number, got "x" (str)'],
    ['tools.gated', {}, 'denied', 'gated needs approval; call it from a run, where somebody can be asked.'],
    ['tools.fail', {}, 'failed', 'too far'],
    ['tools.my_tool', { n: 1 }, 'failed', 'gone'],
  ]);
  const entries = (await session.journal?.read())?.entries ?? [];
  expect(entries.map(({ kind }) => kind)).toEqual(['call', 'policy-denial', 'call', 'call', 'call', 'call', 'call']);
  expect(entries[0]).toMatchObject({
    name: 'tools.my_tool',
    arguments: { n: 4 },
    status: 'completed',
    durationMs: expect.any(Number),
  });
});
