import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SessionEvent } from '../../src/events.ts';
import { ControlGroup } from '../../src/executors/control-group/control-group.ts';
import { findHierarchy } from '../../src/executors/control-group/hierarchies.ts';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';

const limits = { memoryBytes: 64 * 1024 * 1024, cpus: 0.5, processes: 20 };
const trial = new ControlGroup(limits);
await trial.remove();
const why = Object.values(trial.missing)[0];
if (why) console.log(`skipped: limits of control groups, because here ${why}`);

/** The folders of the groups that a process is in, which this library made. */
function groupsOf(pid: number): string[] {
  const own = readFileSync(`/proc/${pid}/cgroup`, 'utf8').match(/code-mode-\d+-\d+/g) ?? [];
  const parents = (['memory', 'cpu', 'pids'] as const).map((controller) => findHierarchy(controller));
  return [
    ...new Set(parents.flatMap((parent) => ('folder' in parent ? own.map((name) => join(parent.folder, name)) : []))),
  ];
}

describe.skipIf(why !== undefined)('limits of a session as a whole', { timeout: 60_000 }, () => {
  describe.each(['required', 'none'] as const)('isolation: %s', (isolation) => {
    test('a group with them holds the kernel and what it starts, and goes with it', async () => {
      await using executor = new SubprocessExecutor({ isolation, limits });
      const events: SessionEvent[] = [];
      const session = new Session({ executor, onEvent: (event) => events.push(event) });
      const result = await session.run('import subprocess, sys\np = subprocess.Popen(["sleep", "1000"])\nTrue');
      expect(result.status === 'completed' && result.result).toBe(true);
      const start = events.find((event) => event.type === 'kernel-start');
      const groups = groupsOf(Number(start?.type === 'kernel-start' && start.pid));
      expect(groups.length).toBeGreaterThan(0);
      for (const group of groups) {
        expect(readFileSync(join(group, 'cgroup.procs'), 'utf8').trim().split('\n').length).toBe(2);
      }
      await session.close();
      await executor.close();
      expect(groups.filter((group) => existsSync(group))).toEqual([]);
    });

    test('memory that many processes and files take together: the crash names the limit', async () => {
      await using executor = new SubprocessExecutor({ isolation, limits: { memoryBytes: limits.memoryBytes } });
      await using session = new Session({ executor });
      const one = await session.run('try: bytearray(200_000_000)\nexcept MemoryError: seen = "MemoryError"\nseen');
      expect(one.status === 'completed' && one.result).toBe('MemoryError');
      const many = await session.run(`
import mmap
parts = []
for _ in range(40):
    part = mmap.mmap(-1, 10_000_000)
    part.write(b"x" * 10_000_000)
    parts.append(part)`);
      expect(many.status === 'crashed' && many.detail).toEqual({
        signal: 'SIGKILL',
        limit: 'memoryBytes',
        stderrTail: '',
        message: 'The Python process was ended by SIGKILL (out of memory: limits.memoryBytes); all variables are lost.',
      });
      const next = await session.run('1 + 1');
      expect(next.status === 'completed' && [next.result, next.stateLost]).toEqual([2, true]);
    });

    test('processes', async () => {
      await using executor = new SubprocessExecutor({ isolation, limits: { processes: 20 } });
      await using session = new Session({ executor });
      const code = `
import os, subprocess
started = []
try:
    while len(started) < 100: started.append(subprocess.Popen(["sleep", "1000"]))
except BlockingIOError: pass
len(started)`;
      const result = await session.run(code);
      expect(result.status === 'completed' && result.result).toBe(19);
      expect((await executor.isolation()).limits.processes).toEqual({
        value: 20,
        enforced: true,
        detail: expect.stringMatching(/^pids control group \(v[12]\), per session$/),
      });
    });
  });

  test('a share of processors that is none', () => {
    expect(() => new SubprocessExecutor({ limits: { cpus: 0 } })).toThrow(
      'SubprocessExecutor: limits.cpus must be a number from 0.01, got 0.',
    );
  });
});
