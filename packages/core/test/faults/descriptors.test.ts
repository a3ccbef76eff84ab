import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { expectNoProcess } from '../executors/processes.ts';
import { FaultBench, PATIENCE_MS, useOwnFolder } from './fault-bench.ts';

useOwnFolder();

const program = fileURLToPath(new URL('crowded-host.ts', import.meta.url));

describe.concurrent('a host without descriptors', { timeout: 120_000 }, () => {
  test('says so when it looks for Python, and goes on once it has some again', async () => {
    const { code, message, answer } = await runCrowded(60, 'files');
    expect([code, answer]).toEqual(['kernel_start_failed', 2]);
    expect(message).toMatch(/^\/.* could not be read: EMFILE: too many open files, open '\/.*'$/);
  });

  // With one, two, three descriptors for the three connections of a kernel it is another one that is refused.
  test.each([60, 61, 62])('refuses one session too many with %i, keeps the others, and goes on', async (limit) => {
    const { code, message, kept, answer } = await runCrowded(limit, 'sessions');
    expect([code, answer]).toEqual(['kernel_start_failed', 2]);
    expect(message).toMatch(
      /^A kernel could not start: (it (exited with code \d|was ended by \w+); )?not all of its connections were accepted\. If this process has no file descriptor left, close something or raise `ulimit -n`$/,
    );
    expect(kept.length).toBeGreaterThan(3);
    expect(new Set(kept)).toEqual(new Set([1]));
  });
});

test('a kernel without descriptors still calls tools, answers and starts nothing', { timeout: 120_000 }, async () => {
  await using bench = new FaultBench({ limits: { openFiles: 40 } });
  const [subject, neighbour] = [bench.open(), bench.open()];
  const code = `
import os
files = []
try:
    while True: files.append(os.open("/dev/null", os.O_RDONLY))
except OSError as e: error = e.strerror
try: os.pipe()
except OSError as e: pipe = e.strerror
[error, pipe, tools.count(n=1)]`;
  expect(await subject.run(code)).toBe('completed ["Too many open files","Too many open files",1]');
  expect(await subject.run('print("said")\ntools.count(n=2)')).toBe('completed 2');
  expect(await subject.run('import wave, asyncio\nawait asyncio.sleep(0)')).toMatch(/^failed: OSError: \[Errno 24\] /);
  expect(await subject.run('for file in files: os.close(file)\nimport wave\ntools.count(n=3)')).toBe('completed 3');
  expect(await neighbour.run('1 + 1')).toBe('completed 2');
});

test('a module of the code with the name of one that the kernel imports fails the run, not the kernel', async () => {
  await using bench = new FaultBench();
  const subject = bench.open();
  await subject.run(
    'v = 1\nn = open("asyncio.py", "w").write("raise OSError(\'mine\')")\nimport sys\nfor name in [m for m in sys.modules if m.split(".")[0] == "asyncio"]: del sys.modules[name]',
  );
  expect(await subject.run('import asyncio')).toBe('failed: OSError: mine');
  expect(await subject.run('v + 1')).toBe('completed 2');
});

async function runCrowded(descriptors: number, usedUpBy: 'files' | 'sessions') {
  const marker = randomUUID();
  const host = spawn(
    'prlimit',
    [`--nofile=${descriptors}:${descriptors}`, process.execPath, '--conditions=@code-mode/source', program, usedUpBy],
    { env: { ...process.env, CODE_MODE_TEST: marker, NODE_OPTIONS: '' }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [output] = await Promise.all([text(host.stdout), once(host, 'close')]);
  await expectNoProcess(`CODE_MODE_TEST=${marker}`, PATIENCE_MS);
  return JSON.parse(output) as { code: string; message: string; kept: unknown[]; answer: unknown };
}
