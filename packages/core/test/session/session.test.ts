import { describe, expect, test } from 'vitest';
import { CodeModeError } from '../../src/errors.ts';
import type { Executor, Kernel, KernelListener } from '../../src/executors/executor.ts';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';
import type { HostToKernelMessage } from '../../src/wire/messages.ts';

describe('options', () => {
  test.each([
    [{ limits: { timeoutMs: 0 } }, 'limits.timeoutMs must be a number from 1 to 2147483647, got 0.'],
    [{ limits: { timeoutMs: Number.NaN } }, 'limits.timeoutMs must be a number from 1 to 2147483647, got NaN.'],
    [
      { limits: { callTimeoutMs: 2 ** 31 } },
      'limits.callTimeoutMs must be a number from 1 to 2147483647, got 2147483648.',
    ],
    [{ limits: { outputBytes: '1' } }, 'limits.outputBytes must be a number from 1 to 9007199254740991, got 1.'],
    [
      { limits: { timeout: 1 } },
      'limits.timeout is not a limit. The limits are timeoutMs, callTimeoutMs, maxCalls, maxConcurrentCalls, callArgumentBytes, callResultBytes, approvalTimeoutMs, interruptGraceMs, outputBytes, resultBytes, spillOverBytes, spillBytes, maxDisplays, displayBytes, artifactBytes, artifactSaves, workflowSaves.',
    ],
  ])('%j', (options, message) => {
    expect(refusal(() => new Session(options as never))).toBe(`invalid_options: ${message}`);
  });

  test('timeoutMs of a run', () => {
    expect(refusal(() => new Session().begin('1', { timeoutMs: -1 }))).toBe(
      'invalid_options: timeoutMs must be a number from 1 to 2147483647, got -1.',
    );
  });

  test.each([
    [{ cwd: 'relative' }, 'SubprocessExecutor: cwd must be an absolute path, got "relative".'],
    [
      { limits: { memoryBytes: -1 } },
      'SubprocessExecutor: limits.memoryBytes must be a positive whole number, got -1.',
    ],
    [{ preload: ['os; import sys'] }, 'SubprocessExecutor: preload takes module names, got "os; import sys".'],
  ])('of the executor: %j', (options, message) => {
    expect(refusal(() => new SubprocessExecutor(options))).toBe(`invalid_options: ${message}`);
  });
});

describe('a kernel that cannot start', () => {
  test('a Python that is not there', async () => {
    await using executor = new SubprocessExecutor({ python: '/nowhere/python3' });
    await using session = new Session({ executor });
    expect(await rejection(session.run('1'))).toBe(
      'python_not_found: Python was not found at "/nowhere/python3". Give the path of a Python 3.10 or newer.',
    );
  });

  test('a program that is no Python', async () => {
    await using executor = new SubprocessExecutor({ python: '/bin/false' });
    await using session = new Session({ executor });
    expect(await rejection(session.run('1'))).toBe(
      'kernel_start_failed: /bin/false could not start: it exited with code 1',
    );
  });

  test('a package to preload that is not installed', async () => {
    await using executor = new SubprocessExecutor({ preload: ['nosuchpackage'] });
    await using session = new Session({ executor });
    expect((await rejection(session.run('1'))).replace(/\/\S+python[\d.]*/, 'python')).toBe(
      "kernel_start_failed: python could not start: ModuleNotFoundError: No module named 'nosuchpackage'. Packages named in `preload` must be installed for this Python.",
    );
  });

  test('a working folder that is not there', async () => {
    await using executor = new SubprocessExecutor({ cwd: '/nowhere' });
    await using session = new Session({ executor });
    expect((await rejection(session.run('1'))).split(':')[0]).toBe('kernel_start_failed');
  });

  test('the next run tries again, and runs in the queue get their turn', async () => {
    let opened = 0;
    const kernel = new FakeKernel();
    const executor = fakeExecutor(async () => {
      if (++opened === 1) throw new CodeModeError('kernel_start_failed', 'no');
      return kernel;
    });
    await using session = new Session({ executor });
    const [first, second] = [session.run('1'), session.run('2')];
    expect(await rejection(first)).toBe('kernel_start_failed: no');
    expect((await second).status).toBe('completed');
    expect(opened).toBe(2);
  });
});

describe('what a kernel sends', () => {
  test('frames of another run are dropped, and its calls answered', async () => {
    const kernel = new FakeKernel();
    kernel.onRun = (runId, { message }) => {
      message({ type: 'run-output', runId: 'other', stream: 'stdout', text: 'not mine' }, undefined);
      message({ type: 'run-end', runId: 'other', status: 'completed', result: 'not mine', cpuMs: 0 }, undefined);
      message(
        {
          type: 'call-start',
          runId: 'other',
          callId: 9,
          namespace: 'tools',
          function: 'list',
          arguments: {},
          cpuMs: 0,
        },
        undefined,
      );
      message({ type: 'run-end', runId, status: 'completed', result: 'mine', cpuMs: 0 }, undefined);
      message({ type: 'run-end', runId, status: 'completed', result: 'twice', cpuMs: 0 }, undefined);
      message({ type: 'run-output', runId, stream: 'stdout', text: 'after the end' }, undefined);
    };
    await using session = new Session({ executor: fakeExecutor(async () => kernel) });
    const result = await session.run('1');
    expect([result.status === 'completed' && result.result, result.stdout]).toEqual(['mine', '']);
    expect(kernel.sent.filter(({ type }) => type === 'call-end')).toEqual([
      { type: 'call-end', callId: 9, error: { kind: 'cancelled', message: 'The run this call belongs to has ended.' } },
    ]);
  });

  test('a call with an id in flight, and a namespace that is not there', async () => {
    const kernel = new FakeKernel();
    kernel.onRun = (runId, { message }) => {
      const call = {
        type: 'call-start',
        runId,
        callId: 1,
        namespace: 'tools',
        function: 'search',
        arguments: { query: 'x' },
        cpuMs: 0,
      } as const;
      message(call, undefined);
      message(call, undefined);
      message({ ...call, callId: 2, namespace: '__proto__' }, undefined);
      setTimeout(() => message({ type: 'run-end', runId, status: 'completed', cpuMs: 0 }, undefined), 20);
    };
    await using session = new Session({ executor: fakeExecutor(async () => kernel) });
    await session.run('1');
    expect(kernel.sent.filter(({ type }) => type === 'call-end')).toEqual([
      { type: 'call-end', callId: 1, error: { kind: 'namespace', message: 'call 1 is in flight already' } },
      {
        type: 'call-end',
        callId: 2,
        error: { kind: 'namespace', message: "this session has no namespace '__proto__'" },
      },
      { type: 'call-end', callId: 1, result: [] },
    ]);
  });

  test('a listener that throws ends nothing', async () => {
    const session = new Session({
      executor: fakeExecutor(async () => new FakeKernel()),
      onEvent: () => {
        throw new Error('a bug');
      },
    });
    expect((await session.run('1')).status).toBe('completed');
    await session.close();
  });

  test('the last 50 runs are found', async () => {
    await using session = new Session({ executor: fakeExecutor(async () => new FakeKernel()) });
    const ids: string[] = [];
    for (let n = 0; n < 60; n++) ids.push((await session.run('1')).runId);
    expect(ids.filter((id) => session.getRun(id)).length).toBe(50);
    expect(session.getRun(ids[59] as string)?.code).toBe('1');
  });
});

/** A kernel that answers every run at once, or as `onRun` says. */
class FakeKernel implements Kernel {
  readonly id = 'fake';
  readonly pid = undefined;
  readonly pythonVersion = '3.13.0';
  readonly sent: HostToKernelMessage[] = [];
  listener: KernelListener | undefined;
  onRun = (runId: string, { message }: KernelListener) =>
    message({ type: 'run-end', runId, status: 'completed', cpuMs: 0 }, undefined);

  send(message: HostToKernelMessage): void {
    this.sent.push(message);
    if (message.type === 'run-start') setImmediate(() => this.onRun(message.runId, this.listener as KernelListener));
  }
  async interrupt(): Promise<boolean> {
    return false;
  }
  async kill(): Promise<void> {}
  async close(): Promise<void> {}
  async cpuTimeMs(): Promise<undefined> {
    return undefined;
  }
}

function fakeExecutor(open: () => Promise<Kernel>): Executor {
  const limits = { memory: false, cpu: false, fileSize: false, openFiles: false, processes: false };
  return {
    name: 'fake',
    features: { interrupt: true, workingFolder: true, environments: false, limits },
    isolation: async () => ({ level: 'none', layers: {}, limits: {} }),
    open,
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

function refusal(act: () => unknown): string {
  try {
    act();
    return 'accepted';
  } catch (error) {
    return words(error);
  }
}

function rejection(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => 'accepted', words);
}

function words(error: unknown): string {
  return CodeModeError.isInstance(error) ? `${error.code}: ${error.message}` : String(error);
}
