import { describe, expect, it } from 'vitest';
import { createCodeTool } from '../src/code-tool.ts';
import { Session } from '../src/session.ts';
import { followRun, type RunProgress } from '../src/stream-run.ts';
import { defineTool } from '../src/tool-sources/function.ts';

const forever = 'print("begun")\nimport time\nwhile True:\n    time.sleep(0.01)';

describe('followRun', () => {
  it('tells what is printed while the run goes on, and returns its result', async () => {
    const told: RunProgress[] = [];
    let goOn = () => {};
    const read = new Promise<void>((resolve) => (goOn = resolve));
    const wait = defineTool({ name: 'wait', description: 'Waits for the reader.', execute: () => read });
    await using session = new Session({ tools: [wait] });
    const steps = createCodeTool(session).stream({ code: 'print("begun")\ntools.wait()\n6 * 7' });
    const result = await followRun(steps, (progress) => {
      told.push(progress);
      goOn();
    });
    expect(result).toMatchObject({ status: 'completed', result: 42 });
    expect(told[0]).toMatchObject({ status: 'running', stdout: 'begun\n' });
  });

  it('stops the run when nobody can be told', async () => {
    await using session = new Session();
    const steps = createCodeTool(session).stream({ code: forever });
    const hangUp = () => Promise.reject(new Error('the stream is closed'));
    await expect(followRun(steps, hangUp)).rejects.toThrow('the stream is closed');
    expect(await session.run('1')).toMatchObject({ status: 'completed' });
  });
});
