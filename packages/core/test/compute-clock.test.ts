import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ComputeClock } from '../src/compute-clock.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('while Python waits with little time left, nobody looks at it all the time', async () => {
  let looks = 0;
  let expired = false;
  const cpuTimeMs = async () => {
    looks++;
    return 0;
  };
  const clock = new ComputeClock(100, 0, cpuTimeMs, () => {
    expired = true;
  });
  clock.start();
  await vi.advanceTimersByTimeAsync(99);
  clock.callStarted();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(looks).toBeLessThanOrEqual(21);
  clock.approvalsPending(true);
  const before = looks;
  await vi.advanceTimersByTimeAsync(10_000);
  expect([looks, expired]).toEqual([before, false]);
  clock.approvalsPending(false);
  clock.callEnded();
  await vi.advanceTimersByTimeAsync(60);
  expect(expired).toBe(true);
});
