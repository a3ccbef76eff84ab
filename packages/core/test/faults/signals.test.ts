import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { alive, expectNoProcess, isStopped, parentOf, until } from '../executors/processes.ts';
import { expectAtMostOnce, FaultBench, PATIENCE_MS, useOwnFolder } from './fault-bench.ts';

useOwnFolder();

const hostProgram = fileURLToPath(new URL('../executors/host-program.ts', import.meta.url));
const FRESH = 'completed 2, state lost';
const KILLED =
  'crashed: The Python process was ended by SIGKILL (out of memory, a CPU limit, or killed from outside); all variables are lost.';
/** An effect, and a call that does not end by itself. */
const CODE = 'tools.count(n=1)\ntools.wait(n=2)\ntools.count(n=3)';

describe.concurrent('killed during a call', { timeout: 120_000 }, () => {
  test.for<[string, string, (pid: number) => number | undefined]>([
    ['the kernel', KILLED, kernelItself],
    ['the first process of its nest', KILLED, nestOf],
    ['the zygote', 'crashed: The kernel is gone: the zygote ended.', parentOf],
    ['the keeper', 'crashed: The kernel is gone: the zygote ended.', keeperOf],
  ])('%s', async ([, message, victim], { skip }) => {
    await using bench = new FaultBench();
    await using neighbours = new FaultBench();
    const subject = bench.open();
    const neighbour = neighbours.open();
    await neighbour.run('v = 1');
    const running = subject.run(CODE);
    await until(() => subject.effects.length === 2, PATIENCE_MS);
    const { pid } = subject;
    const killed = victim(pid);
    if (killed === undefined) return skip('there are no namespaces here');
    process.kill(killed, 'SIGKILL');
    expect(await running).toBe(message);
    await until(() => !alive(pid), PATIENCE_MS);
    expect(await subject.run('1 + 1')).toBe(FRESH);
    expect(subject.effects).toEqual([1, 2]);
    expect(await neighbour.run('v + 1')).toBe('completed 2');
  });

  test('the kernel of one of two sessions', async () => {
    await using bench = new FaultBench();
    const [subject, neighbour] = [bench.open(), bench.open()];
    const theirs = neighbour.session.begin(CODE);
    const running = subject.run(CODE);
    await until(() => subject.effects.length + neighbour.effects.length === 4, PATIENCE_MS);
    process.kill(subject.pid, 'SIGKILL');
    expect(await running).toBe(KILLED);
    theirs.abort();
    const state = await theirs.settled();
    expect(state.kind === 'finished' && state.result).toMatchObject({ status: 'interrupted', stateKept: true });
    expect([subject.effects, neighbour.effects]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });
});

describe.concurrent('stopped and continued', { timeout: 120_000 }, () => {
  test.for<[string, (pid: number) => number | undefined]>([
    ['the kernel', kernelItself],
    ['the first process of its nest', nestOf],
    ['the zygote', parentOf],
    ['the keeper', keeperOf],
  ])('%s', async ([, victim], { skip }) => {
    await using bench = new FaultBench();
    const subject = bench.open();
    await subject.run('v = 1');
    const stopped = victim(subject.pid);
    if (stopped === undefined) return skip('there are no namespaces here');
    process.kill(stopped, 'SIGSTOP');
    const running = subject.run('v += tools.count(n=1)\nv');
    const other = bench.open().run('1 + 1');
    await until(() => isStopped(stopped), PATIENCE_MS);
    process.kill(stopped, 'SIGCONT');
    expect(await Promise.all([running, other])).toEqual(['completed 2', 'completed 2']);
    expectAtMostOnce(subject);
  });
});

test('the host, stopped during a run and continued, gets its result', { timeout: 120_000 }, async () => {
  const marker = `CODE_MODE_TEST=${randomUUID()}`;
  const code = 'import time\nprint("begun")\nfor n in range(100): time.sleep(0.01)\nprint("done")';
  const host = spawn(process.execPath, ['--conditions=@code-mode/source', hostProgram, code, 'leave run'], {
    env: { ...process.env, CODE_MODE_TEST: marker.slice(15), NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = host.stdout.setEncoding('utf8')[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe('begun\n');
  const pid = host.pid as number;
  process.kill(pid, 'SIGSTOP');
  await until(() => isStopped(pid), PATIENCE_MS);
  process.kill(pid, 'SIGCONT');
  expect((await lines.next()).value).toBe('done\n');
  expect(await once(host, 'close')).toEqual([0, null]);
  await expectNoProcess(marker, PATIENCE_MS);
});

describe.concurrent('stopped for good', { timeout: 120_000 }, () => {
  test('the zygote, while code must be stopped', async () => {
    await using bench = new FaultBench();
    const subject = bench.open({ limits: { interruptGraceMs: 200 } });
    await subject.run('v = 1');
    const { pid } = subject;
    process.kill(parentOf(pid), 'SIGSTOP');
    expect(await subject.run('tools.count(n=1)\nwhile True: pass', { timeoutMs: 100 })).toBe(
      'interrupted: Python computed for more than 100 ms (timeoutMs). Python did not stop within 200 ms and was killed; all variables are lost.',
    );
    expect(await subject.run('1 + 1')).toBe(FRESH);
    expect([alive(pid), subject.effects]).toEqual([false, [1]]);
  });

  test('the zygote, while a kernel starts', async () => {
    await using bench = new FaultBench();
    const subject = bench.open();
    await subject.run('v = 1');
    process.kill(parentOf(subject.pid), 'SIGSTOP');
    const other = bench.open();
    const failed = await other.session.run('1 + 1').catch((error: unknown) => error);
    expect(failed).toMatchObject({
      code: 'kernel_start_failed',
      message: 'A kernel could not start: The kernel is gone: the zygote has not answered for 10 s.',
    });
    await subject.seen('kernel-exit');
    // Both at once: there must be one new zygote, not two of which one is forgotten.
    expect(await Promise.all([subject.run('1 + 1'), other.run('1 + 1')])).toEqual([FRESH, 'completed 2']);
  });

  test('the zygote, and the session is closed', async () => {
    await using bench = new FaultBench();
    const subject = bench.open();
    await subject.run('v = 1');
    process.kill(parentOf(subject.pid), 'SIGSTOP');
    await subject.session.close();
    expect(alive(subject.pid)).toBe(false);
  });

  test('the kernel, and the session is closed', async () => {
    await using bench = new FaultBench();
    const subject = bench.open();
    await subject.run('v = 1');
    process.kill(subject.pid, 'SIGSTOP');
    await subject.session.close();
    expect(alive(subject.pid)).toBe(false);
  });
});

function kernelItself(pid: number): number {
  return pid;
}

/** The process outside of the namespaces, if there are any. */
function keeperOf(kernel: number): number | undefined {
  const keeper = parentOf(parentOf(kernel));
  return keeper === process.pid ? undefined : keeper;
}

/** The process that holds the namespaces of a kernel, alone with it in its process namespace, if there are any. */
function nestOf(kernel: number): number | undefined {
  const namespace = namespaceOf(kernel);
  if (namespace === namespaceOf(process.pid)) return undefined;
  return readdirSync('/proc')
    .map(Number)
    .find((pid) => pid > 0 && pid !== kernel && namespaceOf(pid) === namespace);
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}
