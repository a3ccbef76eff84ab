import { afterAll, expect, test } from 'vitest';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
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
