import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CallTimer } from '../../src/namespaces/call-timer.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the time stands still while somebody is asked', async () => {
  const controller = new AbortController();
  const timer = new CallTimer(100, controller);
  await vi.advanceTimersByTimeAsync(60);
  const { promise, resolve } = Promise.withResolvers<void>();
  const asked = timer.pausedWhile(promise);
  await vi.advanceTimersByTimeAsync(1_000);
  resolve();
  await asked;
  await vi.advanceTimersByTimeAsync(30);
  expect(controller.signal.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(20);
  expect(controller.signal.reason.message).toBe('The call took longer than 100 ms (limits.callTimeoutMs).');
});

test('a call that was stopped while it waited leaves no timer, which would keep Node alive', async () => {
  const timer = new CallTimer(100, new AbortController());
  const { promise, resolve } = Promise.withResolvers<void>();
  const asked = timer.pausedWhile(promise);
  timer.stop();
  resolve();
  await asked;
  expect(vi.getTimerCount()).toBe(0);
});
