import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { ATTEMPTS_AT_SANDBOX } from './all-attempts.ts';
import { Counts } from './counts.ts';
import { RESOURCE_LIMITS } from './resource-attempts.ts';
import { SandboxScene } from './sandbox-scene.ts';

const confined = new SubprocessExecutor({ isolation: 'required' });
const limited = new SubprocessExecutor({ isolation: 'required', limits: RESOURCE_LIMITS });
const counts = new Counts('attempts at the sandbox');
let scene: SandboxScene;

beforeAll(async () => {
  scene = await SandboxScene.set();
});

afterAll(async () => {
  await Promise.all([confined.close(), limited.close()]);
  await scene[Symbol.asyncDispose]();
  console.log(String(counts));
});

describe.skipIf(process.platform !== 'linux')('attempts to get out of the sandbox', { timeout: 60_000 }, () => {
  test.for(ATTEMPTS_AT_SANDBOX)('$id $title ($layer)', async (attempt, { skip }) => {
    const cannot = await scene.land(attempt);
    if (cannot !== undefined) return skip(counts.leaveOut(attempt, cannot));
    const executor = attempt.layer === 'limits' ? limited : confined;
    expect(await scene.attempt(attempt, executor)).toBe(attempt.seen);
    scene.expectUntouched();
    await scene.expectAnswer(executor);
    counts.stop(attempt);
  });
});
