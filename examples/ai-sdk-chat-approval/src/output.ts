import { mkdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../output', import.meta.url));

/** Throws away what an earlier check has left. */
export async function clearOutput(): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
}

/** Where a file for the reader goes, for writing and for telling. */
export function outputFile(name: string): { path: string; shown: string } {
  const path = join(folder, name);
  return { path, shown: relative(process.cwd(), path) };
}
