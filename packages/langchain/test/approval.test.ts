import type { ApprovalRequest, PausedRun, RunResult, SessionEvent } from '@code-mode/core';
import { tool } from '@langchain/core/tools';
import { Command, MemorySaver } from '@langchain/langgraph';
import { AIMessage, createAgent, createMiddleware, fakeModel, type HITLRequest } from 'langchain';
import { afterEach, describe, expect, it } from 'vitest';
import { stepWithInterrupts } from '../src/approval.ts';
import { type CodeMode, type CreateCodeModeOptions, createCodeMode, type RunCodeCall } from '../src/index.ts';
import { programmer, toolMessagesSeen } from './harness.ts';

const opened: CodeMode[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((codeMode) => codeMode.close()));
});

const user = { messages: [{ role: 'user' as const, content: 'go' }] };
const config = { configurable: { thread_id: 'a' } };
const resume = (...decisions: unknown[]) => new Command({ resume: { decisions } });
const approve = { type: 'approve' };

/** An agent with a gated tool, what the tool did, and what happened in the sessions. */
function setUp(programs: string[], options: Partial<CreateCodeModeOptions> = {}) {
  const deleted: string[] = [];
  const events: SessionEvent[] = [];
  const remove = tool(({ path }: { path: string }) => void deleted.push(path), {
    name: 'remove',
    description: 'Deletes a file.',
    schema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
  });
  const ended = Promise.withResolvers<Extract<SessionEvent, { type: 'run-end' }>>();
  const codeMode = createCodeMode({
    tools: [remove],
    interruptOn: { remove: { allowedDecisions: ['approve', 'reject'] } },
    onEvent: (event) => {
      events.push(event);
      if (event.type === 'run-end') ended.resolve(event);
    },
    ...options,
  });
  opened.push(codeMode);
  const model = programmer(...programs);
  const agent = createAgent({ model, tools: codeMode.tools, checkpointer: new MemorySaver() });
  const seen = () => toolMessagesSeen(model).map(({ content }) => content);
  const runs = () => events.flatMap((event) => (event.type === 'run-start' ? [event.code] : []));
  return { codeMode, model, agent, deleted, seen, runs, ended: ended.promise };
}

const questionOf = (state: { __interrupt__?: { value?: unknown }[] }) =>
  state.__interrupt__?.map(({ value }) => value) as HITLRequest[] | undefined;

describe('a call that waits for a person', () => {
  it('is asked about in the shape of the human-in-the-loop middleware, once for all calls that wait', async () => {
    const program = 'import asyncio\nawait asyncio.gather(tools.remove(path="a"), tools.remove(path="b"))';
    const { agent, deleted } = setUp([program], {
      interruptOn: {
        remove: {
          allowedDecisions: ['approve', 'reject'],
          description: ({ args }) => `Really delete ${args.path}?`,
          argsSchema: { type: 'object' },
        },
      },
    });
    const [question, ...others] = questionOf(await agent.invoke(user, config)) ?? [];
    expect(others).toEqual([]);
    expect(question).toEqual({
      actionRequests: [
        { name: 'remove', args: { path: 'a' }, description: 'Really delete a?', request: expect.any(Object) },
        { name: 'remove', args: { path: 'b' }, description: 'Really delete b?', request: expect.any(Object) },
      ],
      reviewConfigs: [
        { actionName: 'remove', allowedDecisions: ['approve', 'reject'], argsSchema: { type: 'object' } },
        { actionName: 'remove', allowedDecisions: ['approve', 'reject'], argsSchema: { type: 'object' } },
      ],
    });
    await agent.invoke(resume({ type: 'reject' }, approve), config);
    expect(deleted).toEqual(['b']);
  });

  it('says the line of code, where nothing else is to be said', async () => {
    const { agent } = setUp(['x = 1\ntools.remove(path="a")']);
    const [question] = questionOf(await agent.invoke(user, config)) ?? [];
    expect(question?.actionRequests[0]?.description).toBe('tools.remove(path="a") in line 2');
    expect(question?.reviewConfigs).toEqual([{ actionName: 'remove', allowedDecisions: ['approve', 'reject'] }]);
  });

  it('runs the code once, whatever the number of rounds, and tells Python why a call was denied', async () => {
    const program =
      'for p in "abc":\n    try:\n        tools.remove(path=p)\n    except Exception as error:\n        print(error)';
    const { agent, deleted, seen, runs } = setUp([program]);
    await agent.invoke(user, config);
    await agent.invoke(resume(approve), config);
    await agent.invoke(resume({ type: 'reject', message: 'Not b.' }), config);
    const state = await agent.invoke(resume(approve), config);
    expect(state.messages.at(-1)?.content).toBe('done');
    expect(deleted).toEqual(['a', 'c']);
    expect(seen()).toEqual(['Not b.']);
    expect(runs()).toEqual([program]);
  });

  it('is asked about again, and runs no code again, when the graph goes on without an answer', async () => {
    const { agent, deleted, runs } = setUp(['tools.remove(path="a")']);
    const first = questionOf(await agent.invoke(user, config));
    expect(questionOf(await agent.invoke(null, config))).toEqual(first);
    await agent.invoke(resume(approve), config);
    expect(deleted).toEqual(['a']);
    expect(runs()).toEqual(['tools.remove(path="a")']);
  });

  it('takes an answer by the id of the interrupt', async () => {
    const { agent, deleted } = setUp(['tools.remove(path="a")']);
    const [interrupt] = (await agent.invoke(user, config)).__interrupt__ ?? [];
    await agent.invoke(new Command({ resume: { [interrupt?.id ?? '']: { decisions: [approve] } } }), config);
    expect(deleted).toEqual(['a']);
  });

  it.each([
    ['nothing', undefined],
    ['a plain yes', true],
    ['no decision', { decisions: [] }],
    ['one too many', { decisions: [approve, approve] }],
    ['what is not allowed', { decisions: [{ type: 'edit', editedAction: { name: 'remove', args: { path: 'b' } } }] }],
    ['what nobody knows', { decisions: [{ type: 'approved' }] }],
    ['null', { decisions: [null] }],
  ])('is denied when the answer is %s', async (_, answer) => {
    const { agent, deleted, seen } = setUp(['tools.remove(path="a")']);
    await agent.invoke(user, config);
    // A resume with nothing is none.
    const state = await agent.invoke(new Command({ resume: answer ?? { nothing: true } }), config);
    expect(state.messages.at(-1)?.content).toBe('done');
    expect(deleted).toEqual([]);
    expect(seen()[0]).toContain(
      'Denied, because the answer was not understood: expected { decisions: [...] } with 1 of them, each one of approve, reject.',
    );
  });

  it('ends when the conversation goes on without a decision', async () => {
    const { agent, deleted, ended } = setUp(['tools.remove(path="a")', '1 + 1']);
    await agent.invoke(user, config);
    const state = await agent.invoke({ messages: [{ role: 'user', content: 'forget it' }] }, config);
    expect(state.__interrupt__).toBeUndefined();
    expect((await ended).result).toMatchObject({ status: 'interrupted', reason: 'aborted' });
    expect(deleted).toEqual([]);
  });

  it('asks onApproval where there is one, and interrupts nothing', async () => {
    const asked: string[] = [];
    const { agent, deleted } = setUp(['tools.remove(path="a")'], {
      onApproval: (requests) =>
        requests.map(({ requestId, toolName }) => {
          asked.push(toolName);
          return { requestId, approved: true };
        }),
    });
    const state = await agent.invoke(user, config);
    expect(state.__interrupt__).toBeUndefined();
    expect([asked, deleted]).toEqual([['remove'], ['a']]);
  });

  it('ends when nobody decides in time', async () => {
    const { agent, deleted, ended } = setUp(['tools.remove(path="a")'], { keepPausedMs: 1 });
    await agent.invoke(user, config);
    expect((await ended).result).toMatchObject({ status: 'interrupted', reason: 'aborted' });
    const state = await agent.invoke(resume(approve), config);
    expect(state.messages.at(-1)?.content).toBe('done');
    expect(deleted).toEqual([]);
  });

  it('lets no other code of the same turn run before it', async () => {
    const { codeMode, deleted, runs } = setUp([]);
    const model = fakeModel()
      .respondWithTools([
        { name: 'runCode', args: { code: 'tools.remove(path="a")' }, id: 'c1' },
        { name: 'runCode', args: { code: 'tools.remove(path="b")' }, id: 'c2' },
      ])
      .respond(new AIMessage('done'));
    const agent = createAgent({ model, tools: codeMode.tools, checkpointer: new MemorySaver() });
    const state = await agent.invoke(user, config);
    expect(state.__interrupt__).toHaveLength(1);
    await agent.invoke(resume(approve), config);
    expect(deleted).toEqual(['a']);
    expect(runs()).toEqual(['tools.remove(path="a")']);
    expect(toolMessagesSeen(model)[1]?.content).toContain('waits for an approval, so this code did not run');
  });

  it('waits also under middlewares that wrap tool calls, and after an interrupt of theirs', async () => {
    const { codeMode, model, deleted, runs } = setUp(['tools.remove(path="a")']);
    const asking = createMiddleware({
      name: 'Asking',
      wrapToolCall: async (request, handler) => {
        const { interrupt } = request.runtime as Pick<RunCodeCall, 'interrupt'>;
        return (await interrupt?.('first mine')) === 'yes' ? await handler(request) : Promise.reject(new Error('no'));
      },
    });
    const agent = createAgent({
      model,
      tools: codeMode.tools,
      middleware: [asking],
      checkpointer: new MemorySaver(),
    });
    expect(questionOf(await agent.invoke(user, config))).toEqual(['first mine']);
    expect(runs()).toEqual([]);
    const state = await agent.invoke(new Command({ resume: 'yes' }), config);
    expect(questionOf(state)?.[0]?.actionRequests).toMatchObject([{ name: 'remove' }]);
    await agent.invoke(resume(approve), config);
    expect(deleted).toEqual(['a']);
    expect(runs()).toHaveLength(1);
  });

  it('is not confused by a tool that interrupts the graph itself: that one fails', async () => {
    const asking = tool(
      async (_: object, call: RunCodeCall) => `got ${JSON.stringify(await call.interrupt?.('mine'))}`,
      {
        name: 'asking',
        description: 'Asks.',
        schema: { type: 'object', properties: {} },
      },
    );
    const program =
      'try:\n    tools.asking()\nexcept Exception as error:\n    print(type(error).__name__)\nprint(tools.core())';
    const { codeMode, model } = setUp([program]);
    const both = createCodeMode({
      tools: [
        asking,
        {
          name: 'core',
          description: '',
          inputSchema: { type: 'object', properties: {} },
          annotations: {},
          needsApproval: () => true,
          execute: () => 'approved',
        },
      ],
    });
    opened.push(both);
    expect(codeMode.tools).toHaveLength(1);
    const agent = createAgent({ model, tools: both.tools, checkpointer: new MemorySaver() });
    const asked = questionOf(await agent.invoke(user, config));
    expect(asked?.[0]?.actionRequests).toMatchObject([{ name: 'core' }]);
    await agent.invoke(resume(approve), config);
    expect(toolMessagesSeen(model)[0]?.content).toBe('ToolError\napproved');
  });
});

describe('stepWithInterrupts', () => {
  const request: ApprovalRequest = {
    requestId: 'r1',
    runId: 'run-1',
    kind: 'call',
    callId: 1,
    toolName: 'pay',
    arguments: { sum: 7 },
    editable: false,
    codeSha256: 'x',
    requestedAt: 0,
  };
  const paused = (about: object): PausedRun => ({
    status: 'approval-required',
    runId: 'run-1',
    round: 0,
    requests: [{ ...request, ...about }],
    stdout: '',
    stderr: '',
  });
  const finished = { status: 'completed' } as RunResult;

  /** What a person's answer comes to. */
  async function decide(about: object, answer: unknown) {
    const call = { interrupt: () => ({ decisions: [answer] }) } as unknown as RunCodeCall;
    const decided: unknown[] = [];
    await stepWithInterrupts(call, {}, async (decisions) => {
      if (!decisions || decisions.length === 0) return paused(about);
      decided.push(...decisions);
      return finished;
    });
    return decided;
  }

  it('hands on edited arguments where they may be edited, and for the same tool only', async () => {
    const edit = (name: string) => ({ type: 'edit', editedAction: { name, args: { sum: 5 } } });
    expect(await decide({ editable: true }, edit('pay'))).toEqual([
      { requestId: 'r1', approved: true, arguments: { sum: 5 } },
    ]);
    expect(await decide({ editable: true }, edit('refund'))).toMatchObject([{ requestId: 'r1', approved: false }]);
    expect(await decide({ editable: false }, edit('pay'))).toMatchObject([{ requestId: 'r1', approved: false }]);
    expect(await decide({}, edit('pay'))).toMatchObject([{ requestId: 'r1', approved: false }]);
  });

  it('hands on what else a decision says, and never for another request', async () => {
    const more = { by: 'ann', scope: 'session', requestId: 'r2', approved: false };
    expect(await decide({}, { ...more, type: 'approve' })).toEqual([
      { requestId: 'r1', approved: true, by: 'ann', scope: 'session' },
    ]);
    expect(await decide({}, { type: 'reject', message: 'No.', approved: true })).toEqual([
      { requestId: 'r1', approved: false, message: 'No.' },
    ]);
  });
});
