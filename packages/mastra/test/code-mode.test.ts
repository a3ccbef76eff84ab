import { defineTool } from '@code-mode/core';
import { Agent } from '@mastra/core/agent';
import { InMemoryStore } from '@mastra/core/storage';
import { Memory } from '@mastra/memory';
import { afterEach, describe, expect, it } from 'vitest';
import { type CodeMode, type CreateCodeModeOptions, createCodeMode } from '../src/index.ts';
import { programmer, toolResultsSeen } from './mock-model.ts';

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
      const { model, prompts } = programmer(...programs);
      const agent = new Agent({ id: 'a', name: 'a', instructions, model, tools });
      const { text } = await agent.generate('go', { maxSteps: 5 });
      expect(text).toBe('done');
      return toolResultsSeen(prompts);
    };
    expect(await use('x = tools.double(n=20)', 'x + 2')).toEqual(['(no output)', 'Result: 42']);
    expect(await use('"x" in globals()')).toEqual(['Result: False']);
    expect(sessions.size).toBe(2);
  });

  it('keeps the variables of a thread, and keeps threads apart', async () => {
    const { tools } = open();
    const memory = new Memory({ storage: new InMemoryStore() });
    const use = async (thread: string, program: string) => {
      const { model, prompts } = programmer(program);
      const agent = new Agent({ id: 'a', name: 'a', instructions: 'x', model, tools, memory });
      await agent.generate('go', { maxSteps: 5, memory: { thread, resource: 'r' } });
      return toolResultsSeen(prompts).at(-1);
    };
    await use('ann', 'x = "ann"');
    await use('bob', 'x = "bob"');
    expect([await use('ann', 'x'), await use('bob', 'x')]).toEqual(['Result: "ann"', 'Result: "bob"']);
  });
});
