import { expect, it } from 'vitest';
import { type AdapterContext, gatedTool, texts } from './harness.ts';

/** The framework asks in its own way, and comes back to the run that waits. */
export function frameworkApprovalCases({ open, run }: AdapterContext): void {
  it('asks before anything happens, and goes on where the run waits', async () => {
    const { tool, deleted } = gatedTool();
    const asked: [string, unknown[]][] = [];
    const outcome = await run({
      approval: 'framework',
      tools: [tool],
      programs: ['print("once")\ntools.delete_file(path="a.txt")'],
      decide: (text) => asked.push([text, [...deleted]]) > 0,
    });
    expect(asked).toEqual([[expect.stringMatching(/delete_file[\s\S]*a\.txt/u), []]]);
    expect(deleted).toEqual(['a.txt']);
    expect(texts(outcome)).toEqual(['once\nResult: "deleted"']);
    expect(outcome.results).toMatchObject([{ status: 'completed', result: 'deleted', stdout: 'once\n' }]);
    expect(outcome.finalText).toBe('done');
  });

  it('does nothing that was denied, and the session goes on', async () => {
    const { tool, deleted } = gatedTool();
    const outcome = await run({
      approval: 'framework',
      tools: [tool],
      programs: ['x = 1\ntools.delete_file(path="a.txt")', 'x + 1'],
      decide: () => false,
    });
    expect(deleted).toEqual([]);
    expect(texts(outcome)).toHaveLength(2);
    expect(texts(outcome)[1]).toBe('Result: 2');
    expect(outcome.finalText).toBe('done');
  });

  it('asks nobody about a run that needs nobody', async () => {
    const { tool, deleted } = gatedTool(({ path }) => path !== 'tmp');
    const outcome = await run({
      approval: 'framework',
      tools: [tool],
      programs: ['tools.delete_file(path="tmp")'],
      decide: () => {
        throw new Error('asked');
      },
    });
    expect(texts(outcome)).toEqual(['Result: "deleted"']);
    expect(deleted).toEqual(['tmp']);
  });

  it('asks again for what comes later in the run', async () => {
    const { tool, deleted } = gatedTool();
    const asked: unknown[][] = [];
    const outcome = await run({
      approval: 'framework',
      tools: [tool],
      programs: ['print("once")\nfor p in ["a", "b", "c"]:\n    tools.delete_file(path=p)\nprint("end")'],
      decide: () => asked.push([...deleted]) > 0,
    });
    expect(asked).toEqual([[], ['a'], ['a', 'b']]);
    expect(deleted).toEqual(['a', 'b', 'c']);
    expect(texts(outcome).at(-1)).toBe('once\nend');
  });

  it('denies one round and not the one before', async () => {
    const { tool, deleted } = gatedTool();
    let rounds = 0;
    const outcome = await run({
      approval: 'framework',
      tools: [tool],
      programs: ['x = 1\ntools.delete_file(path="a")\nx = 2\ntools.delete_file(path="b")\nx = 3', 'x'],
      decide: () => rounds++ === 0,
    });
    expect(deleted).toEqual(['a']);
    expect(texts(outcome).at(-1)).toBe('Result: 2');
  });

  it('asks for calls that are made at the same time, and makes each once', async () => {
    const { tool, deleted } = gatedTool();
    let asked = '';
    const outcome = await run({
      approval: 'framework',
      tools: [tool],
      programs: [
        'import asyncio\nprint("once")\nlen(await asyncio.gather(*(tools.delete_file.aio(path=p) for p in "abc")))',
      ],
      decide: (text) => {
        asked += text;
        return true;
      },
    });
    for (const path of ['a', 'b', 'c']) expect(asked).toMatch(new RegExp(`["']${path}["']`, 'u'));
    expect([...deleted].sort()).toEqual(['a', 'b', 'c']);
    expect(texts(outcome).at(-1)).toBe('once\nResult: 3');
  });

  it('says that the run is gone after a restart, and does nothing', async () => {
    const { tool, deleted } = gatedTool();
    const ran: string[] = [];
    const options = {
      approval: 'framework',
      tools: [tool, { ...gatedTool(false).tool, name: 'note', execute: () => ran.push('note') }],
    } as const;
    const resumeIn = await open({ ...options, tools: [...options.tools] });
    const outcome = await run({
      ...options,
      tools: [...options.tools],
      programs: ['tools.note(path="n")\ntools.delete_file(path="a.txt")'],
      decide: () => true,
      resumeIn,
    });
    expect([ran, deleted]).toEqual([['note'], []]);
    expect(texts(outcome)[0]).toContain(
      'The run that asked for this approval is gone (its process or its session has ended, or the conversation went on), so nothing was done: run the code again.',
    );
    expect(outcome.finalText).toBe('done');
  });
}
