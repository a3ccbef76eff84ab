import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../output', import.meta.url));

/** What both agents share: the folder of their storage. */
export const storeFolder = join(folder, 'store');

/** Throws away what an earlier demo has left. */
export async function clearOutput(): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Writes a file for the reader of the demo and returns its path. */
export async function saveOutput(name: string, content: string): Promise<string> {
  const file = join(folder, name);
  await mkdir(folder, { recursive: true });
  await writeFile(file, content);
  return relative(process.cwd(), file);
}
