import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';
import { usedBytes } from '../../src/testing/live-bytes.ts';
import { defineTool } from '../../src/tool-sources/function.ts';
import { approvalAttempts } from './approval-attempts.ts';
import { Counts } from './counts.ts';
import { frameAttempts } from './frame-attempts.ts';
import { HOST_HELPERS } from './host-attempt.ts';
import { HostScene } from './host-scene.ts';
import { lateAttempts } from './late-attempts.ts';
import { artifactAttempts, packageAttempts, workflowAttempts, workflowLies } from './stored-attempts.ts';
import { textAttempts } from './text-attempts.ts';

const ALL = [
  ...frameAttempts,
  ...approvalAttempts,
  ...textAttempts,
  ...artifactAttempts,
  ...workflowAttempts,
  ...workflowLies,
  ...packageAttempts,
  ...lateAttempts,
];

const ANY = { type: 'object', additionalProperties: true } as const;
const executor = new SubprocessExecutor({ isolation: 'auto' });
const environments = mkdtempSync(join(tmpdir(), 'cm-environments-'));
const stopped = new Counts();

afterAll(async () => {
  await executor.close();
  rmSync(environments, { recursive: true });
  console.log(String(stopped));
});

describe('attempts at the host', { timeout: 120_000 }, () => {
  test('the ids are unique', () => {
    expect(new Set(ALL.map(({ id }) => id)).size).toBe(ALL.length);
  });

  test.each(ALL)('$id $title ($layer)', async (attempt) => {
    await using scene = new HostScene(executor, environments, attempt);
    expect(await scene.run(attempt)).toBe(attempt.seen);
    expect(await scene.leave()).toEqual({
      neighbour: 'completed "unharmed"',
      speaksForNeighbour: false,
      polluted: false,
      planted: false,
    });
    expect(await answer()).toBe(2);
    stopped.add(attempt);
  });

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

async function answer(): Promise<unknown> {
  await using session = new Session({ executor, deps: { cacheFolder: environments } });
  const result = await session.run('1 + 1');
  return result.status === 'completed' && result.result;
}
