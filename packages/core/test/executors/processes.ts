import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Ids, the oldest first, of the processes whose environment or command line contains the marker, zombies not counted. */
export function processesWith(marker: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((pid) => read(`/proc/${pid}/environ`).includes(marker) || read(`/proc/${pid}/cmdline`).includes(marker))
    .map(Number)
    .sort((a, b) => a - b);
}

/** Those that are no zygote nor a helper of one: kernels, and what they started. */
export function kernelProcessesWith(marker: string): number[] {
  return processesWith(marker).filter((pid) => !HELPERS.includes(read(`/proc/${pid}/comm`).trim()));
}

/** The zygote; what it forks is called so too for a moment, and comes later. */
export function zygoteWith(marker: string): number | undefined {
  return processesWith(marker).find((pid) => read(`/proc/${pid}/comm`).trim() === 'cm-zygote');
}

/** The process of this name. */
export function processNamed(name: string): number {
  const pid = readdirSync('/proc').find((entry) => /^\d+$/.test(entry) && read(`/proc/${entry}/comm`).trim() === name);
  if (pid === undefined) throw new Error(`No process is called ${name}.`);
  return Number(pid);
}

const HELPERS = ['cm-keeper', 'cm-zygote', 'cm-nest', 'cm-spare'];

/** Folders that sockets and kernels live in. */
export function temporaryFolders(folder = tmpdir()): string[] {
  return readdirSync(folder).filter((name) => name.startsWith('code-mode-') && !name.startsWith('code-mode-vitest'));
}

/** Waits until nothing with the marker runs any more. @throws Error that lists what does */
export async function expectNoProcess(marker: string, ms = 50_000): Promise<void> {
  await until(
    () => processesWith(marker).length === 0,
    ms,
    () => `Left: ${processesWith(marker).map(commandOf).join('; ')}`,
  );
}

/** Waits for something to become true; unlike `expect.poll` also in concurrent cases. */
export async function until(
  condition: () => boolean,
  ms = 50_000,
  what: () => string = () => String(condition),
): Promise<void> {
  for (const end = Date.now() + ms; !condition(); ) {
    if (Date.now() > end) throw new Error(`Not within ${ms} ms. ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function alive(pid: number): boolean {
  const state = read(`/proc/${pid}/stat`).replace(/^.*\) /s, '')[0];
  return state !== undefined && state !== 'Z';
}

/** Whether a signal holds the process. */
export function isStopped(pid: number): boolean {
  return read(`/proc/${pid}/stat`).replace(/^.*\) /s, '')[0] === 'T';
}

export function parentOf(pid: number): number {
  return Number(
    read(`/proc/${pid}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ')[1],
  );
}

function commandOf(pid: number): string {
  return `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
