import { readdirSync, readFileSync } from 'node:fs';

/** Memory of one process in bytes, from /proc/PID/smaps_rollup. */
export interface Memory {
  /** Pages written by this process alone: what ending it gives back. */
  privateDirty: number;
  /** Every page divided by the number of processes that share it: sums over processes are true. */
  pss: number;
}

/** Process ids of everything below `root` that is not in `known`, by parent ids, whatever the processes say. */
export function descendants(root: number, known?: Set<number>): Set<number> {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const parent = parentOf(pid);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found = new Set<number>();
  const queue = [root];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    for (const child of children.get(pid) ?? []) {
      if (!known?.has(child)) found.add(child);
      queue.push(child);
    }
  }
  return found;
}

/** Sum over processes; one that has just ended counts nothing. */
export function memoryOf(pids: Iterable<number>): Memory {
  const sum: Memory = { privateDirty: 0, pss: 0 };
  for (const pid of pids) {
    const text = readProc(`/proc/${pid}/smaps_rollup`);
    if (text === undefined) continue;
    sum.privateDirty += field(text, 'Private_Dirty');
    sum.pss += field(text, 'Pss');
  }
  return sum;
}

function parentOf(pid: number): number | undefined {
  // pid (name) state ppid …: the name may hold spaces and brackets, so count from its last one.
  const stat = readProc(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function field(text: string, name: string): number {
  const kilobytes = text.match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
