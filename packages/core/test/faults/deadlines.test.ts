import { existsSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { until } from '../executors/processes.ts';
import { FaultBench, PATIENCE_MS, useOwnFolder } from './fault-bench.ts';

useOwnFolder();

const badPeer = fileURLToPath(new URL('bad_peer.py', import.meta.url));

// The time of the host jumps: nobody waits half a minute for a test.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'], shouldAdvanceTime: true });
});

afterEach(() => {
  vi.useRealTimers();
});

test.for([
  [
    'never opens',
    'kernel_start_failed',
    'A kernel could not start: The kernel is gone: the zygote has not answered for 10 s.',
  ],
  ['says nothing', 'kernel_start_failed', `${badPeer} could not start: no answer within 30000 ms.`],
  [
    'an incomplete frame, and stays',
    'kernel_start_failed',
    `${badPeer} could not start: it was not ready within 30000 ms.`,
  ],
  ['never ready', 'kernel_start_failed', 'A kernel could not start: it did not answer within 30000 ms'],
])('a peer that %s', async ([fault, code, message]) => {
  // In the folder of this file, which is empty at the end.
  const reached = join(tmpdir(), 'reached');
  const env = { FAULT: fault as string, REACHED: reached };
  await using bench = new FaultBench({ python: badPeer, isolation: 'none', env });
  const running = bench.open().session.run('1');
  const failed = running.catch((thrown: unknown) => thrown);
  await until(() => existsSync(reached), PATIENCE_MS);
  unlinkSync(reached);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await failed).toMatchObject({ name: 'CodeModeError', code, message });
});
