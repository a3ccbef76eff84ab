import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FaultBench, useOwnFolder } from './fault-bench.ts';

useOwnFolder();

const badPeer = fileURLToPath(new URL('bad_peer.py', import.meta.url));
const BROKEN = 'It was ended; the next run gets a fresh one.';

describe.concurrent('a zygote that', { timeout: 120_000 }, () => {
  test.for([
    ['half a hello', 'kernel_start_failed', `${badPeer} could not start: it exited with code 0`],
    ['nothing after its hello', 'kernel_start_failed', 'The zygote closed its connection.'],
    ['half a frame', 'kernel_start_failed', 'The zygote closed its connection.'],
    [
      'text',
      'protocol_error',
      `The kernel broke the wire protocol: a frame of 3117728462 bytes is over the limit of 1048576 bytes. ${BROKEN}`,
    ],
    [
      'a frame of a kernel',
      'protocol_error',
      `The kernel broke the wire protocol: a zygote may not send "run-end". ${BROKEN}`,
    ],
    ['ends while it opens', 'kernel_start_failed', 'A kernel could not start: The kernel is gone: the zygote ended.'],
  ])('%s', async ([fault, code, message]) => {
    await using bench = new FaultBench({ python: badPeer, isolation: 'none', env: { FAULT: fault as string } });
    const { session } = bench.open();
    const error = await session.run('1').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'CodeModeError', code, message });
  });
});

describe.concurrent('a kernel that', { timeout: 120_000 }, () => {
  test.for([
    ['slow', 'completed "slow but whole"'],
    ['half of a result', 'crashed: The Python process exited with code 0; all variables are lost.'],
    ['half-open', 'crashed: The kernel is gone: it closed its connection.'],
  ])('%s', async ([fault, outcome]) => {
    await using bench = new FaultBench({ python: badPeer, isolation: 'none', env: { FAULT: fault as string } });
    expect(await bench.open().run('1')).toBe(outcome);
  });
});
