import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';
import { sampleTools } from '../../src/testing/sample-tools.ts';
import { expectNoProcess, kernelProcessesWith, zygoteWith } from './processes.ts';

const SESSIONS = 200;
const marker = `CODE_MODE_TEST=${randomUUID()}`;
const systemFolder = process.env.TMPDIR;
// Other test files run at the same time and have folders of their own.
const folder = mkdtempSync(join(tmpdir(), 'cm-leaks-'));
const executor = new SubprocessExecutor({ env: { CODE_MODE_TEST: marker.slice(15) } });

beforeAll(() => {
  process.env.TMPDIR = folder;
});

afterAll(async () => {
  await executor.close();
  if (systemFolder === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = systemFolder;
  rmSync(folder, { recursive: true });
});

test(`${SESSIONS} sessions opened, used and closed leave nothing`, async () => {
  // The first ones fill caches and load modules.
  for (let n = 0; n < 40; n += 4) await useSessions();
  const before = await footprint();
  for (let n = 0; n < SESSIONS; n += 4) await useSessions();
  const after = await footprint();
  expect([after.processes, after.descriptors, after.files]).toEqual([
    before.processes,
    before.descriptors,
    before.files,
  ]);
  expect([after.processes, after.files.map((file) => file.replace(/^code-mode-\w+/, '…'))]).toEqual([
    0,
    ['…', '…/socket'],
  ]);
  // Holding on to 50 kB of each would be seen.
  expect(after.heapBytes - before.heapBytes).toBeLessThan(SESSIONS * 50_000);
  expect(after.zygoteBytes - before.zygoteBytes).toBeLessThan(SESSIONS * 10_000);
  await executor.close();
  await expectNoProcess(marker);
  expect(readdirSync(folder)).toEqual([]);
}, 300_000);

test('50 idle sessions', async () => {
  await using own = new SubprocessExecutor({ startMethod: 'fork' });
  const pids: number[] = [];
  const sessions = Array.from(
    { length: 50 },
    () =>
      new Session({ executor: own, onEvent: (event) => event.type === 'kernel-start' && pids.push(Number(event.pid)) }),
  );
  await Promise.all(sessions.map((session) => session.run('1 + 1')));
  const each = pids.map((pid) => privateBytes(pid) / 1e6);
  const median = each.sort((a, b) => a - b)[25] as number;
  // Only reported: how much it is depends on the Python.
  console.log(`private memory of an idle session: ${median.toFixed(1)} MB`);
  expect(pids.length).toBe(50);
  await Promise.all(sessions.map((session) => session.close()));
});

async function useSessions(): Promise<void> {
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      await using session = new Session({ executor, tools: sampleTools() });
      const result = await session.run(
        'import os, threading\nn = open("file", "w").write("x")\nt = threading.Thread(target=lambda: None)\nt.start()\nn = os.system("true")\ntools.weather(city="Oslo")["temp"]',
      );
      expect(result.status === 'completed' && result.result).toBe(4);
    }),
  );
}

async function footprint() {
  // The folders of closed kernels are removed in the background.
  await expect.poll(() => readdirSync(folder, { recursive: true }).length, { timeout: 60_000 }).toBe(2);
  return {
    processes: kernelProcessesWith(marker).length,
    descriptors: readdirSync('/proc/self/fd').length,
    files: readdirSync(folder, { recursive: true }).map(String),
    heapBytes: await settledHeap(),
    zygoteBytes: await settledZygote(),
  };
}

/** The heap after a collection. */
async function settledHeap(): Promise<number> {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  for (let n = 0; n < 3; n++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    collect();
  }
  return process.memoryUsage().heapUsed;
}

/** What the zygote has in memory, shared or not, once it has imported what it imports when it is idle. */
async function settledZygote(): Promise<number> {
  const zygote = zygoteWith(marker);
  const bytes = () =>
    Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${zygote}/status`, 'latin1'))?.[1]) * 1024;
  for (let last = Number.NaN, now = bytes(); ; last = now, now = bytes()) {
    if (now === last) return now;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

function privateBytes(pid: number): number {
  const lines = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1').matchAll(/^Private_\w+:\s+(\d+) kB$/gm);
  return [...lines].reduce((sum, [, kilobytes]) => sum + Number(kilobytes) * 1024, 0);
}
