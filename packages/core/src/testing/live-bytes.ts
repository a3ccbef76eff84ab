import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of the buffers that are in use, after a collection. */
export function liveBytes(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}

/** Bytes of everything that is in use, after a collection; what the process has from the system says little of it. */
export function usedBytes(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

let gc: (() => void) | undefined;

function collect(): void {
  gc ??= exposeCollector();
  // Buffers are given back in the background, and the next collection waits for that.
  gc();
  gc();
}

function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
