import { Session } from '@code-mode/core';
import { createAgent, createMiddleware } from 'langchain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRunCodeTool } from '../src/index.ts';
import { programmer, toolMessagesSeen } from './harness.ts';

const user = { messages: [{ role: 'user' as const, content: 'go' }] };
const wrapping = createMiddleware({ name: 'Wrapping', wrapToolCall: (request, handler) => handler(request) });

describe('createRunCodeTool', () => {
  let session: Session;
  beforeAll(() => {
    session = new Session();
  });
  afterAll(async () => {
    await session.close();
  });

  const use = async (...programs: string[]) => {
    const model = programmer(...programs);
    const agent = createAgent({ model, tools: [createRunCodeTool(session)], middleware: [wrapping] });
    const { messages } = await agent.invoke(user);
    expect(messages.at(-1)?.content).toBe('done');
    return toolMessagesSeen(model);
  };

  it('says in the status of the message whether the program failed, and gives the whole result as its artifact', async () => {
    const [good, bad] = await use('print("hi")\n1 + 1', '1 / 0');
    expect(good).toMatchObject({
      name: 'runCode',
      tool_call_id: 'c0',
      status: 'success',
      content: 'hi\nResult: 2',
      artifact: { status: 'completed', result: 2, stdout: 'hi\n' },
    });
    expect(bad).toMatchObject({
      status: 'error',
      artifact: { status: 'failed', error: { name: 'ZeroDivisionError' } },
    });
  });

  it('streams what happens to whoever streams custom data, without the result', async () => {
    const agent = createAgent({ model: programmer('print("hi")\n7'), tools: [createRunCodeTool(session)] });
    const chunks: unknown[] = [];
    for await (const [mode, chunk] of await agent.stream(user, { streamMode: ['custom', 'updates'] }))
      if (mode === 'custom') chunks.push(chunk);
    expect(chunks).toEqual([
      {
        name: 'runCode',
        toolCallId: 'c0',
        event: expect.objectContaining({ type: 'run-start', code: 'print("hi")\n7' }),
      },
      { name: 'runCode', toolCallId: 'c0', event: expect.objectContaining({ type: 'output', text: 'hi\n' }) },
    ]);
  });

  it('never rejects the run of the agent, also under a middleware that wraps tool calls', async () => {
    const closed = new Session();
    await closed.close();
    const model = programmer('1');
    const agent = createAgent({ model, tools: [createRunCodeTool(closed)], middleware: [wrapping] });
    const { messages } = await agent.invoke(user);
    expect(messages.at(-1)?.content).toBe('done');
    expect(toolMessagesSeen(model)).toMatchObject([{ status: 'error', content: expect.stringMatching(/is closed/u) }]);
  });

  it('gives an application that invokes it the content, or throws', async () => {
    const runCode = createRunCodeTool(session);
    expect(await runCode.invoke({ code: '6 * 7' })).toBe('Result: 42');
    const call = { type: 'tool_call' as const, id: 'x', name: 'runCode', args: { code: '6 * 7' } };
    expect(await runCode.invoke(call)).toMatchObject({ tool_call_id: 'x', content: 'Result: 42' });
    const closed = new Session();
    await closed.close();
    await expect(createRunCodeTool(closed).invoke({ code: '1' })).rejects.toMatchObject({ code: 'session_closed' });
  });
});
