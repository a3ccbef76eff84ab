import { expect, it } from 'vitest';
import { type AdapterContext, gatedTool } from './harness.ts';

/** The framework's gates hold for calls from Python; the session's `onApproval` decides. */
export function callbackApprovalCases({ run }: AdapterContext): void {
  it('denies a gated tool when nobody can be asked', async () => {
    const { tool, deleted } = gatedTool();
    const { seen, finalText } = await run({ programs: ['tools.delete_file(path="a.txt")'], tools: [tool] });
    expect(deleted).toEqual([]);
    expect(seen[0]?.text).toMatch(/needs approval and nobody can be asked/u);
    expect(finalText).toBe('done');
  });

  it('asks for a gated tool, and runs it once approved', async () => {
    const { tool, deleted } = gatedTool();
    const asked: unknown[] = [];
    const { seen } = await run({
      programs: ['tools.delete_file(path="a.txt") == "deleted"'],
      tools: [tool],
      onApproval: (requests) =>
        requests.map(({ requestId, toolName, arguments: args }) => {
          asked.push([toolName, args, [...deleted]]);
          return { requestId, approved: true };
        }),
    });
    expect(asked).toEqual([['delete_file', { path: 'a.txt' }, []]]);
    expect(deleted).toEqual(['a.txt']);
    expect(seen[0]?.text).toBe('Result: True');
  });

  it('tells Python why a gated tool was denied', async () => {
    const { tool, deleted } = gatedTool();
    const { seen } = await run({
      programs: ['try:\n    tools.delete_file(path="a.txt")\nexcept Exception as error:\n    print(error)'],
      tools: [tool],
      onApproval: (requests) =>
        requests.map(({ requestId }) => ({ requestId, approved: false, message: 'Not on a Friday.' })),
    });
    expect(deleted).toEqual([]);
    expect(seen[0]?.text).toBe('Not on a Friday.');
  });

  it.each([
    [() => false, ['a.txt']],
    [async ({ path }: { path?: unknown }) => path === 'a.txt', []],
    [
      () => {
        throw new Error('the database is down');
      },
      [],
    ],
  ])('asks the gate of the tool itself, with the arguments; one that throws is closed (%#)', async (gate, expected) => {
    const { tool, deleted } = gatedTool(gate);
    const { finalText } = await run({ programs: ['tools.delete_file(path="a.txt")'], tools: [tool] });
    expect(deleted).toEqual(expected);
    expect(finalText).toBe('done');
  });
}
