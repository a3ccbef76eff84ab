import { CodeModeError, defineTool, Session } from '@code-mode/core';
import { Agent, RunContext } from '@openai/agents';
import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents/testing';
import { describe, expect, it } from 'vitest';
import { createRunCodeTool } from '../src/index.ts';
import { go, open, programmer, textsRead } from './drive.ts';

describe('createCodeMode', () => {
  it('keeps variables within a run of the agent without a thread, and no longer', async () => {
    const { tools, sessions } = open();
    const first = programmer(['x = 40', 'x + 2'], tools);
    await go(first.agent);
    const second = programmer(['"x" in globals()'], tools);
    await go(second.agent);
    expect([...textsRead(first.model), ...textsRead(second.model)]).toEqual([
      '(no output)',
      'Result: 42',
      'Result: False',
    ]);
    expect(sessions.size).toBe(2);
  });

  it('has a session for each thread, or for what sessionKey makes of the context', async () => {
    const byThread = open();
    const use = async ({ tools }: ReturnType<typeof open>, context: unknown) => {
      const { agent, model } = programmer(['n = globals().get("n", 0) + 1\nn'], tools);
      await go(agent, context);
      return textsRead(model)[0];
    };
    expect(await use(byThread, { threadId: 'ann' })).toBe('Result: 1');
    expect(await use(byThread, { threadId: 'ann' })).toBe('Result: 2');
    expect(await use(byThread, { threadId: 'bob' })).toBe('Result: 1');
    const byUser = open({ sessionKey: ({ runContext }) => (runContext.context as { user?: string }).user });
    expect(await use(byUser, { user: 'ann' })).toBe('Result: 1');
    expect(await use(byUser, { user: 'ann' })).toBe('Result: 2');
    expect(await use(byUser, {})).toMatch(/^This call does not say which conversation it belongs to/u);
  });

  it.each([{ threadId: '' }, { threadId: 7 }])('refuses a thread that is none: %j', async (context) => {
    const { agent, model } = programmer(['1'], open().tools);
    await go(agent, context);
    expect(textsRead(model)[0]).toMatch(/^This call does not say which conversation it belongs to/u);
  });

  it('gives the extra tools that are wanted, on the session of the conversation', async () => {
    const { tools } = open({ extraTools: true });
    expect(tools.map(({ name }) => name)).toEqual(['runCode', 'searchWorkflows', 'listArtifacts', 'resetSession']);
    const calls = [
      [functionCall('runCode', { code: 'artifacts.save("a", "text")\nx = 1' }, { callId: 'c1' })],
      [functionCall('listArtifacts', {}, { callId: 'c2' })],
      [functionCall('searchWorkflows', { query: 'anything' }, { callId: 'c3' })],
      [functionCall('resetSession', {}, { callId: 'c4' })],
      [functionCall('runCode', { code: '"x" in globals()' }, { callId: 'c5' })],
    ];
    const model = new ScriptedModel([...calls, [assistantMessage('done')]]);
    await go(new Agent({ name: 'a', model, tools }) as Agent, { threadId: 'ann' });
    expect(textsRead(model)).toEqual([
      '(no output)',
      'a (text, 4 bytes)',
      'No workflow fits.',
      'The Python session is new.',
      'Result: False',
    ]);
  });

  it('names in the description also the tools that are known later', async () => {
    const late = defineTool({ name: 'late', description: 'Comes late.', execute: () => 1 });
    const source = { name: 'slow', tools: () => Promise.resolve([late]) };
    const { tools, session } = open({ tools: [source] });
    expect(tools[0].description).not.toContain('late');
    await session.tools.list();
    expect(tools[0].description).toContain('late() ');
  });

  it('says what a program did wrong, what the machinery did, and what the model did', async () => {
    const codeMode = open();
    const [runCode] = codeMode.tools;
    const use = (input: string) => runCode.invoke(new RunContext({ threadId: 'a' }), input);
    expect(await use('{"code":"1 / 0"}')).toMatch(/^Traceback[\s\S]*ZeroDivisionError: division by zero$/u);
    expect(await use('{"code":')).toBe('Invalid JSON input for tool');
    expect(await use('{"python":"1"}')).toBe('runCode takes { code: string }, got {"python":"1"}.');
    await codeMode.close();
    expect(await use('{"code":"1"}')).toBe('The session pool is closed. Make a new SessionPool.');
  });

  it('checks its options', () => {
    expect(() => open({ maxSessions: 0 })).toThrow(CodeModeError);
  });
});

describe('createRunCodeTool', () => {
  it('serves everybody from one session, when it is given one', async () => {
    await using session = new Session();
    const tools = [createRunCodeTool(session)];
    await go(programmer(['x = 1'], tools).agent);
    const { agent, model } = programmer(['x + 1'], tools);
    await go(agent);
    expect(textsRead(model)).toEqual(['Result: 2']);
  });

  it('gives the application the whole result, and the model images beside the text', async () => {
    const { tools } = open();
    const { agent, model } = programmer([SHOWS_PIXEL], tools);
    const { newItems } = await go(agent);
    const input = model.lastCall?.request.input;
    expect(Array.isArray(input) ? input.at(-1) : undefined).toMatchObject({
      output: [
        { type: 'input_text', text: expect.stringContaining('image/png') },
        { type: 'input_image', image: 'data:image/png;base64,aGk=' },
      ],
    });
    expect(newItems.flatMap((item) => ('customData' in item ? [item.customData] : []))).toMatchObject([
      { status: 'completed', displays: [{ data: { 'image/png': 'aGk=' } }] },
    ]);
  });
});

const SHOWS_PIXEL = `
class Pixel:
    def _repr_png_(self):
        return b"hi"
display(Pixel())
`;
