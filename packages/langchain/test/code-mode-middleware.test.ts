import { tool } from '@langchain/core/tools';
import { Command, MemorySaver } from '@langchain/langgraph';
import { createAgent, type HITLRequest } from 'langchain';
import { afterEach, describe, expect, it } from 'vitest';
import { type CodeModeMiddleware, type CreateCodeModeOptions, codeModeMiddleware } from '../src/index.ts';
import { programmer, toolMessagesSeen, wholeRunGate } from './harness.ts';

const opened: CodeModeMiddleware[] = [];
const open = (options?: CreateCodeModeOptions) => {
  const middleware = codeModeMiddleware(options);
  opened.push(middleware);
  return middleware;
};

afterEach(async () => {
  await Promise.all(opened.splice(0).map((middleware) => middleware.close()));
});

const user = { messages: [{ role: 'user' as const, content: 'go' }] };

describe('codeModeMiddleware', () => {
  it('brings runCode, and says what it is for after what the agent says', async () => {
    const double = tool(({ n }: { n: number }) => n * 2, {
      name: 'double',
      description: 'Doubles a number.',
      schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
    });
    const codeMode = open({ tools: [double] });
    const model = programmer('tools.double(n=21)');
    const agent = createAgent({ model, middleware: [codeMode], systemPrompt: 'Be brief.' });
    const { messages } = await agent.invoke(user);
    expect(messages.at(-1)?.content).toBe('done');
    expect(toolMessagesSeen(model)[0]?.content).toBe('Result: 42');
    expect(model.calls.map(({ messages }) => messages[0]?.text)).toEqual([
      `Be brief.\n\n${codeMode.instructions}`,
      `Be brief.\n\n${codeMode.instructions}`,
    ]);
  });

  it('ends the session of a run without a thread with the run, and keeps that of a thread', async () => {
    const codeMode = open();
    const agentOf = (...programs: string[]) =>
      createAgent({ model: programmer(...programs), middleware: [codeMode], checkpointer: new MemorySaver() });
    await createAgent({ model: programmer('x = 1', 'x'), middleware: [codeMode] }).invoke(user);
    expect(codeMode.sessions.size).toBe(0);
    await agentOf('x = 1').invoke(user, { configurable: { thread_id: 'a' } });
    expect(codeMode.sessions.size).toBe(1);
  });

  it('works beside the middleware that asks about the whole code, which is shown and can be edited', async () => {
    const events: string[] = [];
    const codeMode = open({ onEvent: ({ type }) => events.push(type) });
    const human = wholeRunGate({ runCode: true });
    const model = programmer('"as written"');
    const agent = createAgent({ model, middleware: [codeMode, human], checkpointer: new MemorySaver() });
    const config = { configurable: { thread_id: 'a' } };
    const asked = (await agent.invoke(user, config)).__interrupt__?.[0]?.value as HITLRequest;
    expect(asked.actionRequests).toMatchObject([{ name: 'runCode', args: { code: '"as written"' } }]);
    expect(events).toEqual([]);
    const editedAction = { name: 'runCode', args: { code: '"as edited"' } };
    await agent.invoke(new Command({ resume: { decisions: [{ type: 'edit', editedAction }] } }), config);
    expect(toolMessagesSeen(model)[0]?.content).toBe('Result: "as edited"');
  });
});
