import { expect, it } from 'vitest';
import type { SessionEvent } from '../../events.ts';
import type { RunResult } from '../../run-result.ts';
import { type AdapterContext, add } from './harness.ts';

/** What a program does reaches the model, the next program and the application. */
export function runningCases({ open, run }: AdapterContext): void {
  it('gives the model the value of the last expression, and the loop goes on', async () => {
    const { seen, finalText } = await run({ programs: ['6 * 7'] });
    expect(seen).toEqual([{ text: 'Result: 42', images: [] }]);
    expect(finalText).toBe('done');
  });

  it('keeps stdout and stderr in order', async () => {
    const { seen } = await run({ programs: ['import sys\nprint("a")\nprint("b", file=sys.stderr)\nprint("c")'] });
    expect(seen[0]?.text).toBe('a\n[stderr]\nb\n[end of stderr]\nc');
  });

  it('hands images to the model as images', async () => {
    const { seen } = await run({ programs: [showsPng] });
    expect(seen[0]?.images).toEqual([{ mediaType: 'image/png', data: PNG }]);
  });

  it('shows a failed program as a traceback, and the loop goes on', async () => {
    const { seen, finalText } = await run({ programs: ['print("before")\n1 / 0'] });
    expect(seen[0]?.text).toMatch(
      /^before\nTraceback[\s\S]*line 2[\s\S]*1 \/ 0[\s\S]*\nZeroDivisionError: division by zero$/u,
    );
    expect(finalText).toBe('done');
  });

  it('keeps variables from call to call', async () => {
    const { seen } = await run({ programs: ['x = 41', 'x + 1'] });
    expect(seen.map(({ text }) => text)).toEqual(['(no output)', 'Result: 42']);
  });

  it('lets Python call the tools of the framework', async () => {
    const { seen, description } = await run({ programs: ['tools.add(a=1, b=2) + 1'], tools: [add] });
    expect(description).toContain('add(*, a: int, b: int)');
    expect(seen[0]?.text).toBe('Result: 4');
  });

  it('refuses wrong arguments before the tool runs', async () => {
    const inputs: unknown[] = [];
    const spy = { ...add, execute: (input: Record<string, unknown>) => inputs.push(input) };
    const { seen } = await run({ programs: ['tools.add(a="one", b=2)'], tools: [spy] });
    expect(seen[0]?.text).toMatch(/: tools\.add\(a=…\): a must be an integer, got .one. \(str\)$/u);
    expect(inputs).toEqual([]);
  });

  it('shows what a tool throws', async () => {
    const broken = { ...add, execute: () => Promise.reject(new Error('the disk is full')) };
    const program = 'try:\n    tools.add(a=1, b=2)\nexcept Exception as error:\n    print("caught", error)';
    const { seen } = await run({ programs: [program], tools: [broken] });
    expect(seen[0]?.text).toBe('caught the disk is full');
  });

  it('stops Python when the loop is aborted', async () => {
    const controller = new AbortController();
    const ends: RunResult[] = [];
    const onEvent = (event: SessionEvent) => {
      if (event.type === 'run-end') ends.push(event.result);
    };
    const started = { ...add, execute: () => controller.abort() };
    const programs = ['import time\ntools.add(a=1, b=2)\ntime.sleep(600)'];
    await run({ programs, tools: [started], signal: controller.signal, onEvent }).catch(() => {});
    expect(ends).toMatchObject([{ status: 'interrupted', reason: 'aborted' }]);
  });

  it('says that the state was lost', async () => {
    const { seen } = await run({ programs: ['x = 1', 'import os\nos._exit(3)', '"x" in globals()'] });
    expect(seen[1]?.text).toContain('The Python process exited with code 3');
    expect(seen[2]?.text).toMatch(/^\[The Python session is new[\s\S]*\nResult: False$/u);
  });
  it('tells the model about broken machinery, and the loop goes on', async () => {
    const adapter = await open();
    await adapter.close();
    const outcome = await adapter.loop({ programs: ['1'] });
    expect(outcome.seen[0]?.text).toMatch(/session (pool )?is closed/u);
    expect(outcome.finalText).toBe('done');
  });
}

/** One transparent pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

const showsPng = `
import base64
class Pixel:
    def _repr_png_(self):
        return base64.b64decode("${PNG}")
display(Pixel())
`;
