import { readdirSync, readFileSync } from 'node:fs';

/** The variable by which everything that one call started is known. */
export const CALL_VARIABLE = 'CODE_MODE_CALL';

/**
 * Kills what a call started and what has left its process group since: daemons take the variable along. Linux only;
 * elsewhere the environment of a process cannot be read.
 */
export function killMarked(callId: string): void {
  const marker = `${CALL_VARIABLE}=${callId}`;
  // What is killed may have just started another.
  for (let round = 0; round < maxRounds; round++) {
    const found = processIds().filter((pid) => environmentOf(pid).includes(marker));
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
  }
}

const maxRounds = 20;

function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Empty for a process of somebody else, for one that is gone and for a zombie. */
function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
