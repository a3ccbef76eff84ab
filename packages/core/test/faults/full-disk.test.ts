import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileStorage } from '../../src/storage/file.ts';
import { FaultBench, useOwnFolder } from './fault-bench.ts';

useOwnFolder();

test('a full store refuses what Python saves, keeps what was there, and takes it once there is room', async ({
  skip,
}) => {
  using disk = mountDisk('size=2m');
  if (!disk) return skip('this user may not mount');
  await using storage = new FileStorage(disk.path);
  await using bench = new FaultBench();
  const subject = bench.open({ storage });
  await subject.run(`
artifacts.save("kept.txt", "kept")
workflows.create("kept", "def run():\\n    return 1\\n", "Kept.")`);
  disk.fill();
  const save = 'tools.count(n=len(artifacts.list()))\nartifacts.save("big.txt", "x" * 500_000)';
  expect(await subject.run(save)).toMatch(/^failed: \w+: .*\(ENOSPC\); free some disk space\.$/);
  expect(
    await subject.run(
      'try: workflows.create("new", "def run():\\n    return " + repr("x" * 500_000), "New.")\nexcept Exception as e: said = str(e)\nsaid',
    ),
  ).toMatch(/^completed ".*\(ENOSPC\); free some disk space\."$/);
  expect(
    await subject.run('[artifacts.load("kept.txt"), workflows.kept(), [a["name"] for a in artifacts.list()]]'),
  ).toBe('completed ["kept",1,["kept.txt"]]');
  disk.clear();
  expect(await subject.run('artifacts.save("big.txt", "x" * 500_000)\nlen(artifacts.load("big.txt"))')).toBe(
    'completed 500000',
  );
  expect(subject.effects.length).toBe(1);
});

test('a full temporary folder fails the start, and the next one works', async ({ skip }) => {
  // The root of the file system and the ballast are all that it can hold.
  using disk = mountDisk('size=64k,nr_inodes=2');
  if (!disk) return skip('this user may not mount');
  await using bench = new FaultBench();
  const subject = bench.open();
  disk.fill();
  const folder = process.env.TMPDIR;
  process.env.TMPDIR = disk.path;
  const error = await subject.session.run('1').catch((thrown: unknown) => thrown);
  process.env.TMPDIR = folder;
  expect(error).toMatchObject({
    name: 'CodeModeError',
    code: 'kernel_start_failed',
    message: expect.stringContaining(`The socket for Python could not be made in ${disk.path}: ENOSPC: no space left`),
  });
  expect(await subject.run('1 + 1')).toBe('completed 2');
});

test('a full scratch folder fails what writes into it, and nothing else', async ({ skip }) => {
  using disk = mountDisk('size=2m');
  if (!disk) return skip('this user may not mount');
  await using bench = new FaultBench({ cwd: disk.path });
  const [subject, neighbour] = [bench.open(), bench.open()];
  await subject.run('v = 1');
  expect(await subject.run('file = open("big", "wb", buffering=0)\nwhile True: file.write(b"x" * 100_000)')).toBe(
    'failed: OSError: [Errno 28] No space left on device',
  );
  expect(await subject.run('tools.count(n=v)')).toBe('completed 1');
  expect(await neighbour.run('open("other", "w").write("x" * 100_000)')).toBe(
    'failed: OSError: [Errno 28] No space left on device',
  );
  expect(await subject.run('import os\nfile.close()\nos.unlink("big")\nopen("other", "w").write("x")')).toBe(
    'completed 1',
  );
});

/** A small file system of its own, or undefined where this user may not have one. */
function mountDisk(options: string) {
  const path = mkdtempSync(join(tmpdir(), 'cm-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `${options},mode=777`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    rmSync(path, { recursive: true });
    return undefined;
  }
  const ballast = join(path, 'ballast');
  return {
    path,
    fill() {
      const file = openSync(ballast, 'w');
      try {
        for (;;) writeSync(file, Buffer.alloc(4_096));
      } catch {
        closeSync(file);
      }
    },
    clear: () => unlinkSync(ballast),
    [Symbol.dispose]() {
      // What runs there may still be about to end.
      execFileSync('umount', ['--lazy', path]);
      rmSync(path, { recursive: true });
    },
  };
}
