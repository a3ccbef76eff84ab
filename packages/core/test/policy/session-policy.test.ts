import { hash } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { ApprovalRequest } from '../../src/approval.ts';
import type { SessionEvent } from '../../src/events.ts';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { describeResult } from '../../src/prompts/describe-result.ts';
import type { RunResult } from '../../src/run-result.ts';
import { Session } from '../../src/session.ts';
import type { SessionOptions } from '../../src/session-options.ts';
import { defineTool } from '../../src/tool-sources/function.ts';

const executor = new SubprocessExecutor();
afterAll(() => executor.close());

const ran: unknown[] = [];
const events: SessionEvent[] = [];
beforeEach(() => {
  ran.length = 0;
  events.length = 0;
});

const input = { type: 'object', properties: { n: {}, file: {} }, additionalProperties: false } as const;
const read = defineTool({
  name: 'files.read',
  description: 'Reads.',
  input,
  annotations: { readOnly: true },
  execute: (args) => ran.push(args),
});
const write = defineTool({ name: 'files.write', description: 'Writes.', input, execute: (args) => ran.push(args) });

function open(options: SessionOptions): Session {
  return new Session({ executor, tools: [read, write], onEvent: (event) => events.push(event), ...options });
}

function yes(asked: ApprovalRequest[] = []): SessionOptions {
  return {
    onApproval: (requests) => {
      asked.push(...requests);
      return requests.map(({ requestId }) => ({ requestId, approved: true }));
    },
  };
}

function error(result: RunResult): string {
  return result.status === 'failed' ? `${result.error.name}: ${result.error.message}` : result.status;
}

describe('calls', () => {
  test('a denial is a PermissionError with the reason, and stands in the record', async () => {
    await using session = open({
      journal: {},
      policy: [{ name: 'files.write', arguments: ({ n }) => Number(n) > 1, outcome: 'deny', reason: 'Only one.' }],
    });
    const result = await session.run(
      'tools.files.write(n=1)\ntry:\n    tools.files.write(n=2)\nexcept PermissionError as e:\n    r = [type(e).__name__, str(e), e.details]\nr',
    );
    expect(result).toMatchObject({
      status: 'completed',
      result: ['ApprovalDeniedError', 'tools.files.write was denied: Only one.', { by: 'policy' }],
    });
    expect(ran).toEqual([{ n: 1 }]);
    const denial = { runId: result.runId, callId: 2, name: 'files.write', reason: 'Only one.', line: 3 };
    expect(events.find(({ type }) => type === 'policy-denial')).toEqual({ type: 'policy-denial', ...denial });
    const { entries } = (await session.journal?.read()) ?? { entries: [] };
    expect(entries.map(({ kind, status }) => [kind, status])).toEqual([
      ['run-start', undefined],
      ['call', 'completed'],
      ['policy-denial', undefined],
      ['call', 'denied'],
      ['run-end', 'completed'],
    ]);
    expect(entries[2]).toMatchObject(denial);
    const uncaught = await session.run('tools.files.write(n=2)');
    expect(describeResult(uncaught)).toBe(
      'Traceback (most recent call last):\n  File "<run-2>", line 1, in <module>\n    tools.files.write(n=2)\nApprovalDeniedError: tools.files.write was denied: Only one.',
    );
  });

  test('what asks says why, and shows readable arguments, the line and the hash of the code', async () => {
    const asked: ApprovalRequest[] = [];
    await using session = open({
      policy: [{ name: 'files.*', annotations: { readOnly: false }, outcome: 'ask', reason: 'It writes.' }],
      ...yes(asked),
    });
    const code = 'def go(n):\n    return tools.files.write(n=n, file={"$map": 2})\ntools.files.read(n=1)';
    await session.run(code);
    const later = '\n\ngo(2**70)  # now';
    const result = await session.run(later);
    expect(asked).toEqual([
      {
        requestId: `${result.runId}-a1`,
        runId: result.runId,
        kind: 'call',
        callId: expect.any(Number),
        namespace: 'tools',
        toolName: 'files.write',
        arguments: { n: '1180591620717411303424', file: { $map: 2 } },
        editable: true,
        line: 3,
        lineText: 'go(2**70)  # now',
        codeSha256: hash('sha256', later),
        reason: 'It writes.',
        requestedAt: expect.any(Number),
      },
    ]);
    expect(events.filter(({ type }) => type === 'call-start')[1]).toMatchObject({ arguments: asked[0]?.arguments });
    expect(ran[1]).toEqual({ n: 2n ** 70n, file: { $map: 2 } });
  });

  test("a tool's own gate asks although the policy allows; the policy denies although the tool would ask", async () => {
    const asked: ApprovalRequest[] = [];
    const tools = [
      defineTool({ name: 'pay', description: 'Pays.', needsApproval: true, execute: () => ran.push('pay') }),
    ];
    await using allowing = open({ tools, policy: 'allow-all', ...yes(asked) });
    await allowing.run('tools.pay()');
    await using denying = open({ tools, policy: { outcome: 'deny' }, ...yes(asked) });
    expect(error(await denying.run('tools.pay()'))).toBe(
      'ApprovalDeniedError: tools.pay was denied: the policy of this session does not allow it.',
    );
    expect([ran, asked.map(({ reason }) => reason)]).toEqual([['pay'], [undefined]]);
  });

  test('edited arguments do not get past a denial', async () => {
    await using session = open({
      policy: [{ arguments: ({ n }) => n === 13, outcome: 'deny', reason: 'Unlucky.' }, 'ask-writes'],
      onApproval: (requests) =>
        requests.map(({ requestId, arguments: shown }) => ({
          requestId,
          approved: true,
          arguments: { ...shown, n: 13 },
        })),
    });
    expect(error(await session.run('tools.files.write(n=1)'))).toBe(
      'ApprovalDeniedError: tools.files.write was denied: Unlucky.',
    );
    expect(ran).toEqual([]);
  });

  test('an approval for the session is recorded, and is for the tool that was there', async () => {
    const asked: string[] = [];
    const tool = (description: string) =>
      defineTool({ name: 'late.tool', description, input, execute: () => description });
    await using session = open({
      policy: 'ask-writes',
      onApproval: (requests) =>
        requests.map(({ requestId, toolName }) => {
          asked.push(toolName);
          return { requestId, approved: true, scope: 'session', by: 'ada', at: 5 };
        }),
    });
    session.tools.bind('late', [tool('first')]);
    const first = await session.run('tools.late.tool(n=1, file=2), tools.late.tool(file=2, n=1)');
    expect([first.status === 'completed' && first.result, asked]).toEqual([['first', 'first'], ['late.tool']]);
    const requestId = `${first.runId}-a1`;
    expect(events.filter(({ type }) => type === 'approval-decision' || type === 'approval-reuse')).toEqual([
      {
        type: 'approval-decision',
        runId: first.runId,
        decision: { requestId, approved: true, scope: 'session', by: 'ada', at: 5 },
      },
      { type: 'approval-reuse', runId: first.runId, callId: 2, name: 'late.tool', requestId },
    ]);
    session.tools.bind('late', [tool('second')]);
    await session.run('tools.late.tool(n=1, file=2)');
    expect(asked).toEqual(['late.tool', 'late.tool']);
  });
});

describe('the other namespaces', () => {
  const source = 'def run():\n    return tools.files.write(n=1)\n';

  test('readOnly leaves what only reads, and workflows that do', async () => {
    await using session = open({ readOnly: true });
    await session.workflows.create('writes', source);
    await session.workflows.create('reads', 'def run():\n    return tools.files.read(n=1)\n');
    await session.artifacts.save('a', 'text');
    for (const code of [
      'tools.files.read(n=1)',
      'workflows.reads()',
      'artifacts.load("a")',
      'tools.list(), workflows.list(), artifacts.list(), deps.list()',
    ]) {
      expect((await session.run(code)).status).toBe('completed');
    }
    for (const [code, name] of [
      ['tools.files.write(n=1)', 'tools.files.write'],
      ['workflows.writes()', 'tools.files.write'],
      [`workflows.create("x", ${JSON.stringify(source)})`, 'workflows.create'],
      ['workflows.delete("reads")', 'workflows.delete'],
      ['workflows.rollback("reads", 1)', 'workflows.rollback'],
      ['artifacts.save("b", 1)', 'artifacts.save'],
      ['artifacts.save("b", bytes(3_000_000))', 'artifacts.save'],
      ['artifacts.delete("a")', 'artifacts.delete'],
      ['deps.add("six")', 'Installing six'],
      ['deps.remove("six")', 'deps.remove'],
    ]) {
      expect(error(await session.run(code as string))).toBe(
        `ApprovalDeniedError: ${name} was denied: this session may only read, and this is not marked read-only.`,
      );
    }
    expect((await session.artifacts.list()).map(({ name }) => name)).toEqual(['a']);
    await expect(session.tools.call('files.write')).rejects.toMatchObject({ code: 'approval_denied' });
    expect(ran).toEqual([{ n: 1 }, { n: 1 }]);
  });

  test('ask-writes asks with what it is about', async () => {
    const asked: ApprovalRequest[] = [];
    await using session = open({ policy: 'ask-writes', ...yes(asked) });
    await session.run(`artifacts.save("small", "text", description="d", metadata={"k": 1})
artifacts.save("large", bytes(3_000_000))
workflows.create("one", "def run(n: int, f=None):\\n    return n\\n", "Returns it.")
workflows.one(n=1, f=print)
workflows.delete("one")`);
    expect(asked.map(({ toolName, arguments: args, editable }) => [toolName, args, editable])).toEqual([
      ['artifacts.save', { name: 'small', type: 'text', size: 4, description: 'd', metadata: { k: 1 } }, false],
      ['artifacts.save', { name: 'large', type: 'bytes', size: 3_000_000, description: '', metadata: {} }, false],
      [
        'workflows.create',
        { name: 'one', source: 'def run(n: int, f=None):\n    return n\n', description: 'Returns it.' },
        false,
      ],
      ['workflows.delete', { name: 'one' }, false],
    ]);
    expect((await session.artifacts.list()).map(({ name, size }) => [name, size])).toEqual([
      ['large', 3_000_000],
      ['small', 4],
    ]);
  });

  test('nothing can be added to an upload that somebody is asked about', async () => {
    let adding: Promise<unknown> = Promise.resolve();
    let forge = () => {};
    const forged = new Promise<void>((resolve) => {
      forge = resolve;
    });
    const hold = defineTool({ name: 'hold', description: '', execute: () => forged });
    await using session = open({
      tools: [hold],
      policy: [{ name: 'artifacts.save', outcome: 'ask' }],
      onApproval: async (requests) => {
        forge();
        await adding;
        return requests.map(({ requestId }) => ({ requestId, approved: true }));
      },
      onEvent: (event) => {
        if (event.type === 'output') added();
      },
    });
    let added = () => {};
    adding = new Promise<void>((resolve) => {
      added = resolve;
    });
    const result = await session.run(`
import sys, threading
Attachment = sys.modules["code_mode_kernel.values"].Attachment
channel = tools.__dict__["_calls"]
def part(function, **arguments):
    attachment = Attachment()
    if "data" in arguments:
        arguments["data"] = {"$bytes": [0, len(arguments["data"])]}
        attachment.parts.append(b"xyz")
    return channel.call("artifacts", function, None, arguments, attachment)
upload = part("begin", name="a")
part("write", upload=upload, data=b"xyz")
def late():
    tools.hold()
    try:
        part("write", upload=upload, data=b"xyz")
    except NamespaceError as e:
        print(e)
thread = threading.Thread(target=late)
thread.start()
part("commit", upload=upload, name="b", type="bytes", description="", metadata="{}")
thread.join()`);
    expect([error(result), result.stdout]).toEqual(['completed', 'This upload is complete; nothing can be added.\n']);
    expect((await session.artifacts.list()).map(({ name, size }) => [name, size])).toEqual([['a', 3]]);
  });

  test('a rule can ask for drafts, and an approval is for one text', async () => {
    const asked: unknown[] = [];
    await using session = open({
      policy: { namespace: 'workflows', trust: 'draft', outcome: 'ask' },
      onApproval: (requests) =>
        requests.map(({ requestId, toolName, arguments: args }) => {
          asked.push([toolName, args]);
          return { requestId, approved: true, scope: 'session' };
        }),
    });
    await session.workflows.create('add', 'def run(a, b=1):\n    return a\n');
    const one = ['workflows.invoke', { name: 'add', arguments: { a: 1 } }];
    await session.run('workflows.add(a=1)\nworkflows.add(a=1)\nworkflows.add(a=1)');
    expect(asked).toEqual([one]);
    await session.workflows.create('add', 'def run(a, b=1):\n    return b\n');
    await session.run('workflows.add(a=1)');
    expect(asked).toEqual([one, one]);
    const opaque = [
      'workflows.invoke',
      { name: 'add', arguments: { a: 1, b: 'a builtin_function_or_method in Python' } },
    ];
    await session.run('workflows.add(a=1, b=len)\nworkflows.add(a=1, b=max)');
    expect(asked).toEqual([one, one, opaque, opaque]);
    await session.workflows.setTrust('add', 'trusted');
    await session.run('workflows.add(a=2)');
    expect(asked.length).toBe(4);
  });

  test('packages are judged one by one, and the strictest answer holds', async () => {
    const asked: ApprovalRequest[] = [];
    await using session = open({
      policy: [
        { install: 'six', outcome: 'allow' },
        { install: 'evil*', outcome: 'deny', reason: 'Not that one.' },
        { install: true, outcome: 'ask', reason: 'New.' },
      ],
      onApproval: (requests) => {
        asked.push(...requests);
        return requests.map(({ requestId }) => ({ requestId, approved: false, message: 'Not now.' }));
      },
    });
    expect(error(await session.run('deps.add("six", "evil-twin>=1")'))).toBe(
      'ApprovalDeniedError: Installing evil-twin was denied: Not that one.',
    );
    expect(error(await session.run('deps.add("six", "numpy>=2")'))).toBe('ApprovalDeniedError: Not now.');
    expect(asked.map(({ kind, toolName, arguments: args, reason }) => [kind, toolName, args, reason])).toEqual([
      ['install', 'deps.add', { requirements: ['six', 'numpy>=2'] }, 'New.'],
    ]);
    expect(await session.deps.list()).toEqual([]);
  });
});

describe('runs', () => {
  test('speaks of what Python itself finds in the code', async () => {
    await using session = open({
      policy: { run: ({ shell }) => shell.length > 0, outcome: 'deny', reason: 'No shell.' },
    });
    const hidden = 'import os as o\nrun = o.system\nrun("true")';
    for (const code of ['import os\nos.system("true")', hidden, `\`\`\`python\n${hidden}\n\`\`\``])
      expect(await session.run(code)).toMatchObject({
        status: 'interrupted',
        message: 'The code was denied, and nothing of it was executed: No shell.',
      });
    expect(await session.run('import math\nmath.floor(1.5)')).toMatchObject({ status: 'completed', result: 1 });
  });

  test('one that is denied is told, and nothing of it is executed', async () => {
    await using session = open({ policy: [{ run: true, outcome: 'deny', reason: 'Not today.' }], journal: {} });
    const result = await session.run('print(1)');
    expect(result).toMatchObject({ status: 'interrupted', reason: 'denied', stateKept: true, stdout: '', calls: [] });
    expect(describeResult(result)).toBe('The code was denied, and nothing of it was executed: Not today.');
    expect(events.map(({ type }) => type)).toEqual(['policy-denial', 'run-end']);
    expect((await session.journal?.read())?.entries[0]).toMatchObject({
      kind: 'policy-denial',
      runId: result.runId,
      name: 'runCode',
      reason: 'Not today.',
      codeSha256: hash('sha256', 'print(1)'),
    });
  });

  test('one that is asked about shows its code, waits, and goes on or not', async () => {
    await using session = open({
      policy: ({ kind, ...run }) =>
        kind === 'run' && (run as { runContext?: unknown }).runContext !== 'known'
          ? { outcome: 'ask', reason: 'Look at it.' }
          : undefined,
    });
    const run = session.begin('21 * 2');
    const waiting = await run.settled();
    expect(waiting).toEqual({
      kind: 'approval',
      requests: [
        {
          requestId: `${run.id}-a0`,
          runId: run.id,
          kind: 'run',
          toolName: 'runCode',
          arguments: { code: '21 * 2' },
          editable: false,
          codeSha256: hash('sha256', '21 * 2'),
          reason: 'Look at it.',
          requestedAt: expect.any(Number),
        },
      ],
    });
    expect(() => run.decide({ requestId: `${run.id}-a0`, approved: true, arguments: { code: '1' } })).toThrow(
      'cannot be edited; deny it and say what to change.',
    );
    const queued = session.begin('1', { context: 'known' });
    run.decide({ requestId: `${run.id}-a0`, approved: true, scope: 'session' });
    expect(await run.settled()).toMatchObject({ result: { status: 'completed', result: 42 } });
    expect(await queued.settled()).toMatchObject({ result: { status: 'completed', result: 1 } });
    expect(await session.begin('21 * 2').settled()).toMatchObject({ result: { result: 42 } });
    const other = session.begin('0');
    await other.settled();
    other.decide({ requestId: `${other.id}-a0`, approved: false, message: 'No.' });
    expect(await other.settled()).toMatchObject({
      result: { reason: 'denied', message: 'The code was denied, and nothing of it was executed: No.' },
    });
    expect(await session.run('1')).toMatchObject({
      reason: 'denied',
      message:
        'The code was denied, and nothing of it was executed: This run needs approval and nobody can be asked: pass `onApproval` to the session.',
    });
  });

  test('aborted, closed or out of time while it waits', async () => {
    await using session = open({ policy: { run: true, outcome: 'ask' }, limits: { approvalTimeoutMs: 200 } });
    const aborted = session.begin('1');
    await aborted.settled();
    aborted.abort();
    expect(() => aborted.decide({ requestId: `${aborted.id}-a0`, approved: true })).toThrow('No approval request');
    expect(await aborted.settled()).toMatchObject({ result: { status: 'interrupted', reason: 'aborted' } });
    const late = session.begin('1');
    expect((await late.settled()).kind).toBe('approval');
    while ((await late.settled()).kind === 'approval') await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await late.settled()).toMatchObject({ result: { status: 'interrupted', reason: 'denied' } });
    const closed = session.begin('1');
    await closed.settled();
    await session.close();
    expect(await closed.settled()).toMatchObject({ result: { status: 'interrupted', reason: 'aborted' } });
    expect(events.filter(({ type }) => type === 'kernel-start')).toEqual([]);
  });
});
