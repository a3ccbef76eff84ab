import { fileURLToPath } from 'node:url';

/** The folder of the Python kernel: it ships beside `dist` as it stands beside `src`. */
export function kernelFolder(): string {
  return fileURLToPath(new URL('../kernel', import.meta.url));
}
