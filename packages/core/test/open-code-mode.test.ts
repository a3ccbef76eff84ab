import { afterEach, describe, expect, it } from 'vitest';
import { openCodeMode } from '../src/open-code-mode.ts';
import { defineTool } from '../src/tool-sources/function.ts';
import type { ToolSetSource } from '../src/tool-sources/tool-set-source.ts';

const opened: { close(): Promise<void> }[] = [];
const open: typeof openCodeMode = (options) => {
  const parts = openCodeMode(options);
  opened.push(parts.codeMode);
  return parts;
};

afterEach(async () => {
  await Promise.all(opened.splice(0).map((codeMode) => codeMode.close()));
});

const one = defineTool({ name: 'one', description: 'One.', execute: () => 1 });

describe('openCodeMode', () => {
  it('has one session, or with a session key a pool', () => {
    const single = open({});
    expect(single.sessions).toBe(single.codeMode.session);
    const pooled = open<string>({ sessionKey: (call) => call });
    expect(pooled.sessions).toBe(pooled.codeMode.sessions);
  });

  it('knows at once the tools of a source that starts nothing', async () => {
    const problem = { source: 'set', subject: 'two', message: 'It cannot be called.' };
    const source = (tools: ToolSetSource['tools']): ToolSetSource => ({
      name: 'set',
      startsNothing: true,
      tools,
      problems: () => [problem],
    });
    const { session } = open({ tools: [source(() => [one])] }).codeMode;
    expect([...session.tools.loaded].map(({ name }) => name)).toEqual(['one']);
    expect(await session.tools.problems()).toEqual([problem]);
    const late = open({ tools: [source(async () => [one])] }).codeMode.session;
    expect([...late.tools.loaded]).toEqual([]);
    expect((await late.tools.list()).map(({ name }) => name)).toEqual(['one']);
  });

  it('makes the extra tools that are wanted, each in the session of its call', async () => {
    const options = { sessionKey: (call: string) => call };
    expect(open(options).extraTools).toEqual([]);
    const { extraTools, codeMode } = open({ ...options, extraTools: ['resetSession', 'listArtifacts'] });
    expect(extraTools.map(({ name }) => name)).toEqual(['resetSession', 'listArtifacts']);
    await codeMode.sessions.acquire('ann').artifacts.save('of-ann.txt', 'hi');
    const list = (call: string) => extraTools[1]?.execute({}, call);
    expect([await list('ann'), await list('bob')]).toEqual(['of-ann.txt (text, 2 bytes)', 'There are no artifacts.']);
    await expect(list('')).rejects.toThrow('does not say which conversation');
  });

  it('finds workflows', async () => {
    const { extraTools, codeMode } = open({ extraTools: ['searchWorkflows'] });
    await codeMode.session.workflows.create(
      'greet',
      'def run(name: str) -> str:\n    return "Hi " + name',
      'Greets somebody.',
    );
    expect(await extraTools[0]?.execute({ query: 'greet' }, undefined)).toBe(
      'workflows.greet(*, name: str) -> str\n    Greets somebody.',
    );
  });
});
