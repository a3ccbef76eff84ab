import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export type Controller = 'memory' | 'cpu' | 'pids';

/** Where groups of a controller can be made, or why nowhere. */
export type Hierarchy = { version: 1 | 2; folder: string } | { reason: string };

/**
 * Finds where this process may make control groups: below its own group, so that what holds for the process holds for
 * them too. `proc` is the folder that tells, which tests replace.
 */
export function findHierarchy(controller: Controller, proc = '/proc/self'): Hierarchy {
  const mounts = readMounts(proc);
  const first = mounts.find(({ kind, options }) => kind === 'cgroup' && options.includes(controller));
  if (first) return place(1, folderOf(first, groupOf(proc, controller)), controller);
  const unified = mounts.find(({ kind }) => kind === 'cgroup2');
  if (!unified) return { reason: 'no control groups are mounted' };
  return placeUnified(unified.folder, folderOf(unified, groupOf(proc, '')), controller);
}

interface Mount {
  kind: string;
  /** The group that is seen as the mount's root. */
  root: string;
  folder: string;
  options: string[];
}

function readMounts(proc: string): Mount[] {
  return read(join(proc, 'mountinfo'))
    .split('\n')
    .flatMap((line) => {
      const [before = '', after] = line.split(' - ');
      const [, , , root = '/', folder = '/'] = before.split(' ');
      const [kind = '', , options = ''] = after?.split(' ') ?? [];
      return kind.startsWith('cgroup') ? [{ kind, root, folder, options: options.split(',') }] : [];
    });
}

/** The path of this process's own group, for a controller of version 1, or '' for version 2. */
function groupOf(proc: string, controller: string): string {
  for (const line of read(join(proc, 'cgroup')).split('\n')) {
    const [, controllers = '', ...path] = line.split(':');
    if (controllers.split(',').includes(controller) && path.length > 0) return path.join(':');
  }
  return '/';
}

function folderOf({ root, folder }: Mount, group: string): string {
  const below = group === root || root === '/' ? group : group.startsWith(`${root}/`) ? group.slice(root.length) : '/';
  return below === root ? folder : join(folder, below);
}

/**
 * In version 2 a group with processes has no groups with limits below it, but for the very first. A unit that systemd
 * delegates has its processes in a group of their own, and leaves the unit's to us.
 */
function placeUnified(mount: string, own: string, controller: Controller): Hierarchy {
  const unit = dirname(own);
  const candidates = [own, ...(/\.(service|scope)$/.test(basename(unit)) && unit.startsWith(mount) ? [unit] : [])];
  for (const folder of candidates) {
    if (!words(join(folder, 'cgroup.controllers')).includes(controller)) continue;
    const control = join(folder, 'cgroup.subtree_control');
    try {
      if (!words(control).includes(controller)) writeFileSync(control, `+${controller}`);
    } catch {
      continue;
    }
    return place(2, folder, controller);
  }
  return {
    reason: `the control group ${own} does not hand on ${controller}. Run the host in a systemd unit with Delegate=yes and DelegateSubgroup=host`,
  };
}

function place(version: 1 | 2, folder: string, controller: Controller): Hierarchy {
  if (!existsSync(folder)) return { reason: `the control group ${folder} of this process is not in sight` };
  try {
    accessSync(folder, constants.W_OK);
    return { version, folder };
  } catch {
    return { reason: `this user may not make groups in the control group ${folder} for ${controller}` };
  }
}

function words(path: string): string[] {
  return read(path).split(/\s+/);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
