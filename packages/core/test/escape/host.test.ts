import { afterAll, describe, expect, test } from 'vitest';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';
import { approvalAttempts } from './approval-attempts.ts';
import { Counts } from './counts.ts';
import { frameAttempts } from './frame-attempts.ts';
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

const executor = new SubprocessExecutor({ isolation: 'auto' });
const stopped = new Counts();

afterAll(async () => {
  await executor.close();
  console.log(String(stopped));
});

describe('attempts at the host', { timeout: 60_000 }, () => {
  test('the ids are unique', () => {
    expect(new Set(ALL.map(({ id }) => id)).size).toBe(ALL.length);
  });

  test.each(ALL)('$id $title ($layer)', async (attempt) => {
    await using scene = new HostScene(executor, attempt);
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
});

async function answer(): Promise<unknown> {
  await using session = new Session({ executor });
  const result = await session.run('1 + 1');
  return result.status === 'completed' && result.result;
}
