import { afterEach, expect, test, vi } from 'vitest';
import { FaultBench, useOwnFolder } from './fault-bench.ts';

useOwnFolder();

afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ['a year ahead', 365 * 86_400_000],
  ['back to 1970', -Date.now()],
])('the time of the host jumps %s during a run', async (_title, ms) => {
  await using bench = new FaultBench();
  const subject = bench.open();
  await subject.run('v = 1');
  vi.useFakeTimers({ toFake: ['Date'] });
  const running = subject.session.run('tools.wait(n=1)');
  await subject.seen('call-start');
  const now = Date.now();
  vi.setSystemTime(now + ms);
  await subject.session.reset();
  const result = await running;
  expect(result).toMatchObject({ status: 'interrupted', message: expect.stringMatching(/^The session was reset\. /) });
  expect(result.durationMs).toBeGreaterThanOrEqual(0);
  expect(result.durationMs).toBeLessThan(120_000);
  expect(await subject.run(`import time\ntools.count(n=2)\nabs(time.time() - ${now / 1000}) < 3600`)).toBe(
    'completed true',
  );
});

test.each([
  ['back', -(10 ** 15)],
  ['ahead', 10 ** 15],
])('the clocks of the kernel jump %s: its time limit holds, and the next run has its own', async (_title, ns) => {
  await using bench = new FaultBench();
  const subject = bench.open();
  const neighbour = bench.open();
  expect(
    await subject.run(`
import time
for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
    for function in (name, name + "_ns"):
        setattr(time, function, lambda real=getattr(time, function): real() + ${ns})
tools.count(n=1)`),
  ).toBe('completed 1');
  expect(await subject.run('tools.count(n=2)', { timeoutMs: 30_000 })).toBe('completed 2');
  // Beside a call only the CPU time of Python counts.
  const busy =
    'import threading\nthreading.Thread(target=lambda: tools.wait(n=3), daemon=True).start()\nwhile True: pass';
  expect(await subject.run(busy, { timeoutMs: 300 })).toBe(
    'interrupted: Python computed for more than 300 ms (timeoutMs). Python was stopped; the variables are kept.',
  );
  expect(subject.effects).toEqual([1, 2, 3]);
  expect(await neighbour.run('1 + 1')).toBe('completed 2');
});

test('a kernel that lies about its CPU time gets no more of it', async () => {
  await using bench = new FaultBench();
  const subject = bench.open();
  const lie = `
from code_mode_kernel import kernel
kernel.cpu_ms = lambda: 10 ** 12
tools.count(n=1)`;
  expect(await subject.run(lie)).toBe('completed 1');
  const busy =
    'import threading\nthreading.Thread(target=lambda: tools.wait(n=2), daemon=True).start()\nwhile True: pass';
  expect(await subject.run(busy, { timeoutMs: 300 })).toBe(
    'interrupted: Python computed for more than 300 ms (timeoutMs). Python was stopped; the variables are kept.',
  );
});
