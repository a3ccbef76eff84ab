import { afterAll, describe, expect, test } from 'vitest';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';
import { usedBytes } from '../../src/testing/live-bytes.ts';
import { defineTool } from '../../src/tool-sources/function.ts';
import { ATTEMPTS_AT_HOST } from './all-attempts.ts';
import { Counts } from './counts.ts';
import { HOST_HELPERS } from './host-attempt.ts';
import { HostScene } from './host-scene.ts';

const ANY = { type: 'object', additionalProperties: true } as const;
const executor = new SubprocessExecutor({ isolation: 'auto' });
const counts = new Counts('attempts at the host');

afterAll(async () => {
  await executor.close();
  console.log(String(counts));
});

describe('attempts at the host', { timeout: 120_000 }, () => {
  // Most of them wait.
  test.concurrent.each(ATTEMPTS_AT_HOST)('$id $title ($layer)', async (attempt) => {
    await HostScene.expectStopped(attempt, executor);
    counts.stop(attempt);
  });
});

describe('floods', { timeout: 120_000 }, () => {
  test.each([
    ['frames', 'while True: raw(out * 1000)'],
    ['calls that nobody may make', 'while True: error_of(tools.count, by=1)'],
    ['output of C', 'while True: os.write(1, b"x" * 65536)'],
    ['lines', 'while True: print("x")'],
  ])('a flood of %s slows its sender, not its neighbours', async (_title, code) => {
    const flooding = Promise.withResolvers<void>();
    await using session = new Session({
      executor,
      limits: { maxCalls: 10, interruptGraceMs: 400 },
      tools: ['count', 'echo'].map((name) =>
        defineTool({ name, description: 'Counts.', input: ANY, execute: () => 1 }),
      ),
      onEvent: ({ type }) => (type === 'output' || type === 'call-end') && flooding.resolve(),
    });
    await using neighbour = new Session({ executor });
    expect(await session.run(HOST_HELPERS)).toMatchObject({ status: 'completed' });
    await neighbour.run('n = 0');
    const before = usedBytes();
    const out = 'out = frame({"type": "run-output", "runId": ownership.run_id(), "stream": "stdout", "text": "x"})';
    const run = session.begin(`${out}\n${code}`, { timeoutMs: 600_000 });
    await flooding.promise;
    for (let at = 1; at <= 50; at++) expect(await neighbour.run('n += 1\nn')).toMatchObject({ result: at });
    // It is still at it.
    const settled = run.settled();
    expect(await Promise.race([settled, Promise.resolve('floods')])).toBe('floods');
    expect(usedBytes() - before).toBeLessThan(300e6);
    run.abort();
    expect(await settled).toMatchObject({ kind: 'finished', result: { status: 'interrupted', reason: 'aborted' } });
  });
});
