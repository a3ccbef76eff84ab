import { afterAll, beforeEach, expect, test } from 'vitest';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import type { Middleware } from '../../src/namespaces/middleware.ts';
import type { RunResult } from '../../src/run-result.ts';
import { Session } from '../../src/session.ts';
import type { SessionOptions } from '../../src/session-options.ts';
import { defineTool } from '../../src/tool-sources/function.ts';

const executor = new SubprocessExecutor();
afterAll(() => executor.close());

const log: unknown[] = [];
beforeEach(() => {
  log.length = 0;
});

const say = defineTool({
  name: 'echo.say',
  description: 'Says it.',
  input: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'], additionalProperties: false },
  annotations: { idempotent: true },
  execute: ({ text }) => {
    log.push(`say ${String(text)}`);
    return text;
  },
});

function open(options: SessionOptions): Session {
  return new Session({ executor, tools: [say], ...options });
}

function outcome(result: RunResult): unknown {
  if (result.status === 'completed') return result.result;
  return result.status === 'failed' ? `${result.error.name}: ${result.error.message}` : result.status;
}

const around =
  (name: string): Middleware =>
  async (_call, next) => {
    log.push(`${name} in`);
    const result = await next();
    log.push(`${name} out`);
    return `${name}(${String(result)})`;
  };

test('69: middleware runs from the outside in, may rewrite arguments and results, and deny', async () => {
  const rewriting: Middleware = (call, next) => next({ ...call.arguments, text: 'changed' });
  await using onion = open({ middleware: [around('a'), around('b'), rewriting] });
  expect(outcome(await onion.run('tools.echo.say(text="hi")'))).toBe('a(b(changed))');
  expect(log).toEqual(['a in', 'b in', 'say changed', 'b out', 'a out']);

  log.length = 0;
  await using denying = open({ middleware: [(call) => call.deny(`denied: ${call.name}`)] });
  expect(
    outcome(
      await denying.run(
        'try:\n    tools.echo.say(text="hi")\nexcept PermissionError as e:\n    r = [str(e), e.details]\nr',
      ),
    ),
  ).toEqual(['denied: echo.say', { by: 'middleware' }]);
  await using throwing = open({
    middleware: [
      () => {
        throw new Error('not now');
      },
    ],
  });
  expect(outcome(await throwing.run('tools.echo.say(text="hi")'))).toBe('ToolError: not now');
  expect(log).toEqual([]);
});

test('it is told what the call is', async () => {
  const calls: unknown[] = [];
  await using session = open({
    middleware: [
      ({ signal, deny, ...call }, next) => {
        calls.push([call, signal instanceof AbortSignal, typeof deny]);
        return next();
      },
    ],
  });
  const { runId } = await session.run('tools.echo.say(text="hi")\nworkflows.list()', { context: 7 });
  await session.tools.call('echo.say', { text: 'host' });
  const same = { sessionId: session.id, runId, runContext: 7 };
  expect(calls).toEqual([
    [
      {
        ...same,
        namespace: 'tools',
        name: 'echo.say',
        arguments: { text: 'hi' },
        annotations: { idempotent: true },
        callId: 1,
        line: 1,
      },
      true,
      'function',
    ],
    [
      {
        ...same,
        namespace: 'workflows',
        name: 'workflows.list',
        arguments: {},
        annotations: { readOnly: true },
        callId: 2,
        line: 2,
      },
      true,
      'function',
    ],
    [
      {
        sessionId: session.id,
        namespace: 'tools',
        name: 'echo.say',
        arguments: { text: 'host' },
        annotations: { idempotent: true },
      },
      true,
      'function',
    ],
  ]);
});

test('it is told which workflow runs, however the code calls it', async () => {
  await using session = open({
    middleware: [(call, next) => (call.workflow === 'two' ? call.deny(`${call.name} of ${call.workflow}`) : next())],
  });
  await session.workflows.create('one', 'def run() -> str:\n    return tools.echo.say(text="one")\n', 'First.');
  await session.workflows.create('two', 'def run() -> int:\n    return 2\n', 'Second.');
  const code = 'try:\n    workflows.two()\nexcept PermissionError as e:\n    r = str(e)\n[workflows.one(), r]';
  expect(outcome(await session.run(code))).toEqual(['one', 'workflows.invoke of two']);
  expect(outcome(await session.run('getattr(workflows, "t" + "wo")()'))).toContain('workflows.invoke of two');
  expect(outcome(await session.run('workflows.invoke("two")'))).toContain('workflows.invoke of two');
});

test('the gate sees the arguments that run, whoever wrote them', async () => {
  const asked: unknown[] = [];
  const options: SessionOptions = {
    middleware: [(call, next) => next({ text: `${String(call.arguments.text)}!` })],
    policy: [{ arguments: ({ text }) => text === 'bad!', outcome: 'deny', reason: 'Bad.' }, 'ask-writes'],
    onApproval: (requests) =>
      requests.map(({ requestId, arguments: args }) => {
        asked.push(args);
        return { requestId, approved: true };
      }),
  };
  await using session = open(options);
  expect(outcome(await session.run('tools.echo.say(text="hi")'))).toBe('hi!');
  expect(outcome(await session.run('tools.echo.say(text="bad")'))).toBe(
    'ApprovalDeniedError: tools.echo.say was denied: Bad.',
  );
  await using wrong = open({ middleware: [(_call, next) => next({ text: 5 })] });
  expect(outcome(await wrong.run('tools.echo.say(text="hi")'))).toBe(
    'ToolArgumentError: tools.echo.say(text=…): text must be a string, got 5 (int)',
  );
  expect([asked, log]).toEqual([[{ text: 'hi!' }], ['say hi!']]);
});

test('it may answer, keep answers, and try again; each try is asked about, but not after a no', async () => {
  const cache = new Map<string, unknown>();
  const caching: Middleware = async (call, next) => {
    const key = JSON.stringify([call.name, call.arguments]);
    if (!cache.has(key)) cache.set(key, await next());
    return cache.get(key);
  };
  await using cached = open({ middleware: [caching] });
  expect(outcome(await cached.run('tools.echo.say(text="a"), tools.echo.say(text="a")'))).toEqual(['a', 'a']);
  expect(log).toEqual(['say a']);

  let failures = 2;
  const flaky = defineTool({
    name: 'flaky',
    description: '',
    execute: () => {
      if (failures-- > 0) throw new Error('away');
      return 'there';
    },
  });
  const retrying: Middleware = async (_call, next) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await next();
      } catch (error) {
        if (attempt === 3) throw error;
      }
    }
  };
  let asked = 0;
  let approved = true;
  await using session = open({
    tools: [flaky],
    middleware: [retrying],
    policy: 'ask-all',
    onApproval: (requests) =>
      requests.map(({ requestId }) => {
        asked++;
        return { requestId, approved, message: 'No.' };
      }),
  });
  expect([outcome(await session.run('tools.flaky()')), asked]).toEqual(['there', 3]);
  approved = false;
  expect([outcome(await session.run('tools.flaky()')), asked]).toEqual(['ApprovalDeniedError: No.', 4]);
});

test('next() after the call has ended does nothing', async () => {
  const late: Promise<unknown>[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await using session = open({
    middleware: [
      (_call, next) => {
        late.push(held.then(() => next()).catch((error: Error) => error.message));
        return 'early';
      },
    ],
  });
  expect(outcome(await session.run('tools.echo.say(text="hi")'))).toBe('early');
  release();
  expect([await late[0], log]).toEqual(['The call has ended; next() came too late.', []]);
});
