import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of the buffers that are in use, after a collection. */
export function liveBytes(): number {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  // Buffers are given back in the background, and the next collection waits for that.
  gc();
  gc();
  return process.memoryUsage().arrayBuffers;
}
