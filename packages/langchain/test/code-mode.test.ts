import { defineTool } from '@code-mode/core';
import { AIMessage, createAgent, fakeModel, ToolMessage } from 'langchain';
import { afterEach, describe, expect, it } from 'vitest';
import { type CodeMode, type CreateCodeModeOptions, createCodeMode } from '../src/index.ts';

const opened: CodeMode[] = [];
const open = (options?: CreateCodeModeOptions) => {
  const codeMode = createCodeMode(options);
  opened.push(codeMode);
  return codeMode;
};

afterEach(async () => {
  await Promise.all(opened.splice(0).map((codeMode) => codeMode.close()));
});

const double = defineTool<{ n: number }>({
  name: 'double',
  description: 'Doubles a number.',
  input: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
  execute: ({ n }) => n * 2,
});

describe('createCodeMode', () => {
  it('serves an agent: Python calls tools and keeps its variables within a run, and no longer', async () => {
    const { tools, instructions, sessions } = open({ tools: [double] });
    const use = async (...programs: string[]) => {
      const model = fakeModel();
      for (const [index, code] of programs.entries())
        model.respondWithTools([{ name: 'runCode', args: { code }, id: `c${index}` }]);
      model.respond(new AIMessage('done'));
      const agent = createAgent({ model, tools, systemPrompt: instructions });
      const { messages } = await agent.invoke({ messages: [{ role: 'user', content: 'go' }] });
      expect(messages.at(-1)?.content).toBe('done');
      return messages.filter((message) => ToolMessage.isInstance(message)).map(({ content }) => content);
    };
    expect(await use('x = tools.double(n=20)', 'x + 2')).toEqual(['(no output)', 'Result: 42']);
    expect(await use('"x" in globals()')).toEqual(['Result: False']);
    expect(sessions.size).toBe(2);
  });

  it('keeps the variables of a thread, and keeps threads apart', async () => {
    const { tools } = open();
    const use = async (thread_id: string, code: string) => {
      const model = fakeModel().respondWithTools([{ name: 'runCode', args: { code }, id: code }]);
      const agent = createAgent({ model: model.respond(new AIMessage('done')), tools });
      const { messages } = await agent.invoke(
        { messages: [{ role: 'user', content: 'go' }] },
        { configurable: { thread_id } },
      );
      return messages.filter((message) => ToolMessage.isInstance(message)).at(-1)?.content;
    };
    await use('ann', 'x = "ann"');
    await use('bob', 'x = "bob"');
    expect([await use('ann', 'x'), await use('bob', 'x')]).toEqual(['Result: "ann"', 'Result: "bob"']);
  });
});
