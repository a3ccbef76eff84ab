import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Controller, findHierarchy, type Hierarchy } from './hierarchies.ts';

/** What Python itself takes, in bytes; the limit is for what the code takes. */
const OWN_BYTES = 64 * 1024 * 1024;
const CPU_PERIOD_US = 100_000;
const REMOVE_ATTEMPTS = 500;
const REMOVE_PAUSE_MS = 20;
const LEFT_BEHIND_MS = 60_000;

/** Limits of a session as a whole. */
export interface GroupLimits {
  memoryBytes?: number;
  /** Processors that it may keep busy. */
  cpus?: number;
  processes?: number;
}

const CONTROLLERS: Record<keyof GroupLimits, Controller> = { memoryBytes: 'memory', cpus: 'cpu', processes: 'pids' };

let made = 0;

/**
 * The control group of one session: limits that all its processes share. Where a limit cannot be had, `missing` says why;
 * the others hold. `find` says where groups can be made.
 */
export class ControlGroup {
  readonly missing: { [name in keyof GroupLimits]?: string } = {};
  /** The version of control groups that enforces a limit. */
  readonly enforced: { [name in keyof GroupLimits]?: 1 | 2 } = {};
  /** One folder in each hierarchy. */
  readonly #folders = new Set<string>();
  #counters: string | undefined;

  constructor(limits: GroupLimits, find: (controller: Controller) => Hierarchy = findHierarchy) {
    const name = `code-mode-${process.pid}-${++made}`;
    for (const limit of Object.keys(CONTROLLERS) as (keyof GroupLimits)[]) {
      const value = limits[limit];
      if (value === undefined) continue;
      const hierarchy = find(CONTROLLERS[limit]);
      if ('reason' in hierarchy) this.missing[limit] = hierarchy.reason;
      else this.#limit(limit, value, hierarchy.version, hierarchy.folder, name);
    }
  }

  /** Puts a process into the group, with all that it will start. @throws Error when it cannot be moved */
  enter(pid: number): void {
    if (this.#folders.size > 0 && !isDescendant(pid)) throw new Error(`process ${pid} is not one of this host's`);
    for (const folder of this.#folders) writeFileSync(join(folder, 'cgroup.procs'), String(pid));
  }

  /** Whether the system ended a process of it because its memory was used up. */
  get ranOutOfMemory(): boolean {
    const ended = this.#counters === undefined ? undefined : /^oom_kill (\d+)$/m.exec(read(this.#counters))?.[1];
    return Number(ended ?? 0) > 0;
  }

  /** Kills what is left in it, and removes it. */
  async remove(): Promise<void> {
    for (const folder of this.#folders) {
      for (let attempt = 0; attempt < REMOVE_ATTEMPTS && !removed(folder); attempt++) {
        for (const pid of membersOf(folder)) kill(pid);
        await sleep(REMOVE_PAUSE_MS, undefined, { ref: false });
      }
    }
    this.#folders.clear();
  }

  #limit(limit: keyof GroupLimits, value: number, version: 1 | 2, parent: string, name: string): void {
    const folder = join(parent, name);
    try {
      removeLeftBehind(parent);
      mkdirSync(folder, { recursive: true });
      this.#folders.add(folder);
      for (const [file, text] of settings(limit, value, version)) {
        if (!file.endsWith('?')) writeFileSync(join(folder, file), text);
        else if (existsSync(join(folder, file.slice(0, -1)))) writeFileSync(join(folder, file.slice(0, -1)), text);
      }
      if (limit === 'memoryBytes')
        this.#counters = join(folder, version === 1 ? 'memory.oom_control' : 'memory.events');
      this.enforced[limit] = version;
    } catch (error) {
      this.missing[limit] = `the control group ${folder} could not be made: ${(error as Error).message}`;
    }
  }
}

/** What is written to which file; one with a question mark is not everywhere. */
function settings(limit: keyof GroupLimits, value: number, version: 1 | 2): [file: string, text: string][] {
  const quota = Math.round(value * CPU_PERIOD_US);
  const bytes = String(value + OWN_BYTES);
  switch (limit) {
    case 'processes':
      return [['pids.max', String(value)]];
    case 'cpus':
      return version === 2
        ? [['cpu.max', `${quota} ${CPU_PERIOD_US}`]]
        : [
            ['cpu.cfs_period_us', String(CPU_PERIOD_US)],
            ['cpu.cfs_quota_us', String(quota)],
          ];
    case 'memoryBytes':
      return version === 2
        ? [
            ['memory.max', bytes],
            ['memory.swap.max?', '0'],
            ['memory.oom.group?', '1'],
          ]
        : [
            ['memory.limit_in_bytes', bytes],
            ['memory.memsw.limit_in_bytes?', bytes],
          ];
  }
}

/** Groups of hosts that were killed. One with a process in it cannot be removed. */
function removeLeftBehind(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = /^code-mode-(\d+)-\d+$/.exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    const folder = join(parent, name);
    if (Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0) > LEFT_BEHIND_MS) removed(folder);
  }
}

function removed(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function membersOf(folder: string): number[] {
  return read(join(folder, 'cgroup.procs'))
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

/** A kernel says its own id, and what it says is not believed. */
function isDescendant(pid: number): boolean {
  let current = pid;
  for (let depth = 0; depth < 8; depth++) {
    current = Number(
      read(`/proc/${current}/stat`)
        .replace(/^.*\) /s, '')
        .split(' ')[1],
    );
    if (current === process.pid) return true;
    if (!(current > 1)) return false;
  }
  return false;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
