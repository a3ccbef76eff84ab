import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ControlGroup } from '../../../src/executors/control-group/control-group.ts';
import { type Controller, findHierarchy } from '../../../src/executors/control-group/hierarchies.ts';
import { reportGroup } from '../../../src/executors/control-group/report-group.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cm-groups-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A `/proc/self` that tells of control groups below `folder`; a group is a folder with files. */
function proc(mounts: string[], groups: string[], files: Record<string, string> = {}): string {
  const lines = mounts.map((mount, n) => `${n} 1 0:${n} ${mount.replace('@', folder)}`);
  writeFileSync(join(folder, 'mountinfo'), `20 1 0:20 / /sys rw - sysfs sysfs rw\n${lines.join('\n')}\n`);
  writeFileSync(join(folder, 'cgroup'), `${groups.join('\n')}\n`);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

const V2 = '/ @/u rw - cgroup2 cgroup2 rw';

describe('where groups can be made', () => {
  test('version 1: below the own group', () => {
    const at = proc(
      ['/ @/m rw - cgroup cgroup rw,memory', '/ @/c rw - cgroup cgroup rw,cpu,cpuacct'],
      ['4:memory:/a/b', '1:cpu,cpuacct:/'],
      {
        'm/a/b/tasks': '',
        'c/tasks': '',
      },
    );
    expect(findHierarchy('memory', at)).toEqual({ version: 1, folder: `${folder}/m/a/b` });
    expect(findHierarchy('cpu', at)).toEqual({ version: 1, folder: `${folder}/c` });
    expect(findHierarchy('pids', at)).toEqual({ reason: 'no control groups are mounted' });
  });

  test('version 1 in a container, which sees its own group as the root', () => {
    const at = proc(['/docker/1 @/m ro - cgroup cgroup rw,memory'], ['4:memory:/docker/1'], { 'm/tasks': '' });
    expect(findHierarchy('memory', at)).toEqual({ version: 1, folder: `${folder}/m` });
  });

  test('a group that is not in sight', () => {
    const at = proc(['/ @/m rw - cgroup cgroup rw,memory'], ['4:memory:/a'], {});
    expect(findHierarchy('memory', at)).toEqual({
      reason: `the control group ${folder}/m/a of this process is not in sight`,
    });
  });

  test('version 2: the own group, where it hands the controller on', () => {
    const at = proc([V2], ['0::/'], { 'u/cgroup.controllers': 'cpu memory\n', 'u/cgroup.subtree_control': 'memory\n' });
    expect(findHierarchy('memory', at)).toEqual({ version: 2, folder: `${folder}/u` });
    expect(readFileSync(`${folder}/u/cgroup.subtree_control`, 'utf8')).toBe('memory\n');
    expect(findHierarchy('cpu', at)).toEqual({ version: 2, folder: `${folder}/u` });
    expect(readFileSync(`${folder}/u/cgroup.subtree_control`, 'utf8')).toBe('+cpu');
  });

  test("version 2 in a unit that systemd delegates: the unit's group, and no other one above", () => {
    const files = { 'u/a.service/cgroup.controllers': 'memory', 'u/a.service/cgroup.subtree_control': 'memory' };
    const inside = proc([V2], ['0::/a.service/host'], files);
    expect(findHierarchy('memory', inside)).toEqual({ version: 2, folder: `${folder}/u/a.service` });
    const slice = { 'u/b.slice/cgroup.controllers': 'memory', 'u/b.slice/cgroup.subtree_control': 'memory' };
    const beside = proc([V2], ['0::/b.slice/c.service'], slice);
    expect(findHierarchy('memory', beside)).toEqual({
      reason: `the control group ${folder}/u/b.slice/c.service does not hand on memory. Run the host in a systemd unit with Delegate=yes and DelegateSubgroup=host`,
    });
  });
});

describe('a group', () => {
  const here = (controller: Controller) => {
    mkdirSync(join(folder, controller), { recursive: true });
    return { version: 2 as const, folder: join(folder, controller) };
  };
  const limits = { memoryBytes: 1_000_000, cpus: 0.5, processes: 7 };

  test('has the limits of version 2', () => {
    const group = new ControlGroup(limits, here);
    expect([group.enforced, group.missing]).toEqual([{ memoryBytes: 2, cpus: 2, processes: 2 }, {}]);
    const written = (controller: string, file: string) => {
      const [name = ''] = readdirSync(join(folder, controller));
      return readFileSync(join(folder, controller, name, file), 'utf8');
    };
    expect([written('memory', 'memory.max'), written('cpu', 'cpu.max'), written('pids', 'pids.max')]).toEqual([
      '68108864',
      '50000 100000',
      '7',
    ]);
  });

  test('takes only processes of this host', () => {
    const group = new ControlGroup(limits, here);
    expect(() => group.enter(1)).toThrow("process 1 is not one of this host's");
    expect(() => group.enter(process.pid)).toThrow(`process ${process.pid} is not one of this host's`);
  });

  test('tells whether memory was used up', () => {
    const group = new ControlGroup({ memoryBytes: 1 }, here);
    const [name = ''] = readdirSync(join(folder, 'memory'));
    const counters = join(folder, 'memory', name, 'memory.events');
    writeFileSync(counters, 'oom 1\noom_kill 0\noom_group_kill 0\n');
    expect(group.ranOutOfMemory).toBe(false);
    writeFileSync(counters, 'oom 1\noom_kill 2\noom_group_kill 0\n');
    expect(group.ranOutOfMemory).toBe(true);
  });

  test('takes away what a host that was killed has left, and nothing else', () => {
    const gone = Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }));
    const names = [`code-mode-${gone}-1`, `code-mode-${process.pid}-0`, 'other-1-1', `code-mode-${gone}-2`];
    for (const name of names) mkdirSync(join(folder, 'pids', name), { recursive: true });
    for (const name of names.slice(0, 3)) utimesSync(join(folder, 'pids', name), 0, 0);
    new ControlGroup({ processes: 1 }, here);
    expect(names.filter((name) => existsSync(join(folder, 'pids', name)))).toEqual(names.slice(1));
  });

  test('is reported as it is', () => {
    const unset = { value: undefined, enforced: false, detail: 'no limit set' };
    const reports = {
      memoryBytes: { value: 1_000_000, enforced: true, detail: 'RLIMIT_DATA, per process; files are not counted' },
      processes: { value: 7, enforced: true, detail: 'RLIMIT_NPROC' },
      openFiles: unset,
    };
    expect(reportGroup(reports, limits, new ControlGroup(limits, here))).toEqual({
      memoryBytes: {
        value: 1_000_000,
        enforced: true,
        detail: 'RLIMIT_DATA, per process; memory control group (v2) for the session with its files, 64 MiB more',
      },
      processes: { value: 7, enforced: true, detail: 'pids control group (v2), per session' },
      openFiles: unset,
      cpus: { value: 0.5, enforced: true, detail: 'cpu control group (v2), per session' },
    });
    const none = new ControlGroup(limits, () => ({ reason: 'not today' }));
    expect(reportGroup(reports, limits, none)).toEqual({
      ...reports,
      memoryBytes: { ...reports.memoryBytes, detail: `${reports.memoryBytes.detail}; no control group: not today` },
      cpus: { value: 0.5, enforced: false, detail: 'no control group: not today' },
    });
    expect(reportGroup({ openFiles: unset }, {}, new ControlGroup({}, here))).toEqual({
      openFiles: unset,
      cpus: unset,
    });
  });
});
