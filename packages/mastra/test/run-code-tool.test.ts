import { defineTool, Session, type ToolSource } from '@code-mode/core';
import { Agent } from '@mastra/core/agent';
import { Mastra } from '@mastra/core/mastra';
import { InMemoryStore } from '@mastra/core/storage';
import type { ToolExecutionContext } from '@mastra/core/tools';
import { createStep, createWorkflow } from '@mastra/core/workflows';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createCodeMode, createRunCodeTool } from '../src/index.ts';
import { programmer, toolResultsSeen } from './mock-model.ts';

const pay = defineTool<{ amount: number }>({
  name: 'pay',
  description: 'Pays.',
  input: { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] },
  needsApproval: ({ amount }) => amount > 5,
  execute: ({ amount }) => {
    if (amount < 0) throw new Error('less than nothing');
    return amount;
  },
});

describe('createRunCodeTool', () => {
  it('writes what the program prints to the stream, under the call', async () => {
    await using session = new Session();
    const { model } = programmer('print("hello")\nimport time\nwhile True: time.sleep(0.01)');
    const agent = new Agent({
      id: 'a',
      name: 'a',
      instructions: 'x',
      model,
      tools: { runCode: createRunCodeTool(session) },
    });
    const controller = new AbortController();
    const { fullStream } = await agent.stream('go', { abortSignal: controller.signal });
    for await (const chunk of fullStream) {
      if (chunk.type !== 'tool-output') continue;
      expect(chunk.payload).toMatchObject({
        toolCallId: 'c1-0',
        toolName: 'runCode',
        output: { status: 'running', stdout: 'hello\n', stderr: '' },
      });
      controller.abort();
    }
    expect(controller.signal.aborted).toBe(true);
    expect(await session.run('1')).toMatchObject({ status: 'completed' });
  });

  it('gives the trace a span for each call of Python, also for those that fail or wait', async () => {
    await using session = new Session({ tools: [pay] });
    const spans: unknown[] = [];
    const observe: ToolExecutionContext['observe'] = {
      log: () => {},
      span: async (name, run, attributes) => {
        const end = await Promise.resolve(run()).then(
          () => 'ended',
          (error: Error) => error.message,
        );
        spans.push([name, attributes, end]);
        return undefined as never;
      },
    };
    const code = 'tools.pay(amount=1)\ntry:\n    tools.pay(amount=-1)\nexcept Exception:\n    tools.pay(amount=9)';
    const suspended: unknown[] = [];
    const mastra = new Mastra({ storage: new InMemoryStore(), logger: false }) as never;
    const agent = {
      agentId: 'a',
      toolCallId: 'c1',
      messages: [],
      suspend: async (payload: unknown) => void suspended.push(payload),
    };
    await createRunCodeTool(session).execute?.({ code }, { observe, mastra, agent });
    expect(suspended).toMatchObject([{ message: 'tools.pay(amount=9) in line 5' }]);
    expect(spans).toEqual([
      ['tools.pay', { arguments: { amount: 1 } }, 'ended'],
      ['tools.pay', { arguments: { amount: -1 } }, 'less than nothing'],
      ['tools.pay', { arguments: { amount: 9 } }, 'ended'],
    ]);
  });

  it('denies what nobody can be asked about: without a storage a suspended agent could not come back', async () => {
    await using session = new Session({ tools: [pay] });
    const { model, prompts } = programmer('tools.pay(amount=9)');
    const agent = new Agent({
      id: 'a',
      name: 'a',
      instructions: 'x',
      model,
      tools: { runCode: createRunCodeTool(session) },
    });
    expect((await agent.generate('go')).finishReason).toBe('stop');
    expect(toolResultsSeen(prompts)[0]?.text).toContain('needs approval and nobody can be asked');
  });

  it('suspends and resumes as a step of a workflow', async () => {
    const codeMode = createCodeMode({ tools: [pay] });
    const step = createStep(codeMode.tools.runCode as never);
    const workflow = createWorkflow({ id: 'w', inputSchema: z.object({ code: z.string() }), outputSchema: z.any() })
      .then(step as never)
      .commit();
    new Mastra({ workflows: { workflow }, storage: new InMemoryStore(), logger: false });
    const run = await workflow.createRun();
    const first = await run.start({ inputData: { code: 'x = 1\ntools.pay(amount=9) + x' } });
    expect(first.status).toBe('suspended');
    const last = await run.resume({ step: 'runCode', resumeData: { approved: true } });
    expect(last).toMatchObject({ status: 'success', result: { status: 'completed', result: 10 } });
    await codeMode.close();
  });

  it('tells the model what is wrong with its arguments', async () => {
    await using session = new Session();
    const { model, prompts } = programmer({ program: '1' }, '2');
    const agent = new Agent({
      id: 'a',
      name: 'a',
      instructions: 'x',
      model,
      tools: { runCode: createRunCodeTool(session) },
    });
    expect((await agent.generate('go')).text).toBe('done');
    const [wrong, right] = toolResultsSeen(prompts);
    expect([wrong?.text, right?.text]).toEqual([expect.stringContaining('code'), 'Result: 2']);
  });

  it('describes the tools that are known when the agent runs', async () => {
    const late = Promise.withResolvers<(typeof pay)[]>();
    const source: ToolSource = { name: 'late', tools: () => late.promise };
    await using session = new Session({ tools: [source] });
    const runCode = createRunCodeTool(session);
    expect(runCode.description).not.toContain('pay(');
    const listed = session.tools.list();
    late.resolve([pay]);
    await listed;
    const { model, descriptions } = programmer('1');
    await new Agent({ id: 'a', name: 'a', instructions: 'x', model, tools: { runCode } }).generate('go');
    expect(descriptions[0]).toContain('pay(*, amount: float)');
  });

  it('takes a key of your own', async () => {
    await using codeMode = createCodeMode({ sessionKey: ({ requestContext }) => String(requestContext?.get('user')) });
    const { model } = programmer('1');
    const { RequestContext } = await import('@mastra/core/request-context');
    const agent = new Agent({ id: 'a', name: 'a', instructions: 'x', model, tools: codeMode.tools });
    await agent.generate('go', { requestContext: new RequestContext([['user', 'ann']]) });
    expect(codeMode.sessions.find('ann')).toBeDefined();
  });

  it('offers the extra tools', async () => {
    await using codeMode = createCodeMode({ extraTools: ['resetSession'] });
    expect(Object.keys(codeMode.tools)).toEqual(['resetSession', 'runCode']);
    const { resetSession } = codeMode.tools as unknown as { resetSession: typeof codeMode.tools.runCode };
    expect(await resetSession.execute?.({} as never, {} as never)).toBe('The Python session is new.');
  });
});
