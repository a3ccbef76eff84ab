import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { findPython } from '../../src/executors/subprocess/find-python.ts';

const STEPS = [
  'Landlock: enforce',
  'Landlock: rules',
  'capabilities',
  'descriptors',
  'join the namespaces',
  'make the namespaces',
  'no_new_privs',
  'seccomp',
  'securebits, bounding set',
  'user namespace',
];
const kernel = fileURLToPath(new URL('../../kernel', import.meta.url));
const program = fileURLToPath(new URL('../../../../bench/executors/layers.py', import.meta.url));

test.skipIf(process.platform !== 'linux')(
  'the bench finds every step of the way into the sandbox',
  async ({ skip }) => {
    const { stdout, stderr } = await runBench(await findPython());
    if (stderr.startsWith('no sandbox here')) return skip(stderr);
    expect(stdout, stderr).not.toBe('');
    const samples = JSON.parse(stdout) as Record<string, number[]>;
    const counts = Object.entries(samples).map(([step, times]) => [step, times.length]);
    expect(Object.fromEntries(counts)).toEqual(Object.fromEntries(STEPS.map((step) => [step, 1])));
  },
);

/** One trial, started as `bench/executors` does; what it says, whether it could be done or not. */
async function runBench(python: string): Promise<{ stdout: string; stderr: string }> {
  // Other tests look at what is in the system's folder.
  const folder = mkdtempSync(join(tmpdir(), 'cm-bench-'));
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const env = { ...process.env, TMPDIR: folder };
  const run = promisify(execFile)(python, ['-I', '-X', 'utf8', program, kernel, '1'], { env });
  return run.catch((error) => error);
}
