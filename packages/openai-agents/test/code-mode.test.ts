import { defineTool } from '@code-mode/core';
import { Agent, Runner } from '@openai/agents';
import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents/testing';
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
      const calls = programs.map((code, index) => [functionCall('runCode', { code }, { callId: `c${index}` })]);
      const model = new ScriptedModel([...calls, [assistantMessage('done')]]);
      const agent = new Agent({ name: 'a', instructions, model, tools });
      const { finalOutput } = await new Runner({ tracingDisabled: true }).run(agent, 'go');
      expect(finalOutput).toBe('done');
      return model.calls.at(-1)?.request.input;
    };
    const output = (text: string) => expect.objectContaining({ output: expect.objectContaining({ text }) });
    const seen = await use('x = tools.double(n=20)', 'x + 2');
    expect(seen).toEqual(expect.arrayContaining([output('(no output)'), output('Result: 42')]));
    expect(await use('"x" in globals()')).toEqual(expect.arrayContaining([output('Result: False')]));
    expect(sessions.size).toBe(2);
  });
});
