import { defineTool } from '@code-mode/core';
import { createAgent } from 'langchain';
import { afterEach, describe, expect, it } from 'vitest';
import { type CodeMode, CodeModeToolkit, type CreateCodeModeOptions, createCodeMode } from '../src/index.ts';
import { caller, programmer, toolMessagesSeen } from './harness.ts';

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

const user = { messages: [{ role: 'user' as const, content: 'go' }] };

/** What the model reads of each program. */
async function use({ tools }: Pick<CodeMode, 'tools'>, programs: string[], thread_id?: unknown): Promise<unknown[]> {
  const model = programmer(...programs);
  const agent = createAgent({ model, tools });
  await agent.invoke(user, thread_id === undefined ? {} : { configurable: { thread_id } });
  return toolMessagesSeen(model).map(({ content }) => content);
}

describe('createCodeMode', () => {
  it('keeps variables within a run of the agent and no longer, when there is no thread', async () => {
    const codeMode = open({ tools: [double] });
    expect(await use(codeMode, ['x = tools.double(n=20)', 'x + 2'])).toEqual(['(no output)', 'Result: 42']);
    expect(await use(codeMode, ['"x" in globals()'])).toEqual(['Result: False']);
    expect(codeMode.sessions.size).toBe(2);
  });

  it('keeps the variables of a thread, also when its id is a number', async () => {
    const codeMode = open();
    await use(codeMode, ['x = 1'], 7);
    expect(await use(codeMode, ['x'], '7')).toEqual(['Result: 1']);
    expect(await use(codeMode, ['"x" in globals()'], '8')).toEqual(['Result: False']);
  });

  it('finds the session by another key', async () => {
    const codeMode = open({ sessionKey: ({ context }) => (context as { user?: string } | undefined)?.user });
    const invoke = async (code: string, context?: { user: string }) => {
      const model = programmer(code);
      const agent = createAgent({ model, tools: codeMode.tools });
      await agent.invoke(user, { configurable: { thread_id: 'shared' }, ...(context && { context }) });
      return toolMessagesSeen(model)[0]?.content;
    };
    await invoke('x = 1', { user: 'ann' });
    expect(await invoke('x', { user: 'ann' })).toBe('Result: 1');
    expect(await invoke('"x" in globals()', { user: 'bob' })).toBe('Result: False');
    expect(await invoke('x')).toMatch(/^This call does not say which conversation it belongs to/u);
  });

  it('brings the extra tools that are wanted, which never reject the run', async () => {
    const codeMode = open({ extraTools: ['listArtifacts', 'resetSession'] });
    expect(codeMode.tools.map(({ name }) => name)).toEqual(['runCode', 'listArtifacts', 'resetSession']);
    const model = caller(
      { name: 'runCode', args: { code: 'artifacts.save("a.txt", "hi")\nx = 1' } },
      { name: 'listArtifacts', args: {} },
      { name: 'resetSession', args: {} },
      { name: 'runCode', args: { code: '"x" in globals()' } },
    );
    await createAgent({ model, tools: codeMode.tools }).invoke(user);
    expect(toolMessagesSeen(model).map(({ content }) => content)).toEqual([
      expect.any(String),
      'a.txt (text, 2 bytes)',
      'The Python session is new.',
      'Result: False',
    ]);
    await codeMode.close();
    const late = caller({ name: 'resetSession', args: {} });
    await createAgent({ model: late, tools: codeMode.tools }).invoke(user);
    expect(toolMessagesSeen(late)).toMatchObject([
      { status: 'error', content: 'The session pool is closed. Make a new SessionPool.' },
    ]);
  });

  it('describes tools that a source loads late, once they are there', async () => {
    const codeMode = open({ tools: [{ name: 'slow', tools: async () => [double] }] });
    expect(codeMode.tools[0].description).not.toContain('double');
    await codeMode.session.tools.list();
    expect(codeMode.tools[0].description).toContain('double(*, n: float)');
  });
});

describe('CodeModeToolkit', () => {
  it('gives the tools to an agent', async () => {
    const toolkit = new CodeModeToolkit({ tools: [double] });
    opened.push(toolkit.codeMode);
    expect(toolkit.getTools().map(({ name }) => name)).toEqual(['runCode']);
    expect(await use(toolkit, ['tools.double(n=21)'])).toEqual(['Result: 42']);
  });
});
