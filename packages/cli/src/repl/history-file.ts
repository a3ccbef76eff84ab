import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export const HISTORY_LINES = 1_000;

/** The lines that were typed in earlier REPLs, newest first. */
export async function readHistory(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').filter(Boolean).slice(-HISTORY_LINES).reverse();
}

/** For nobody else to read: what is typed may hold secrets. */
export async function writeHistory(path: string, newestFirst: readonly string[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  await writeFile(
    draft,
    newestFirst
      .toReversed()
      .map((line) => `${line}\n`)
      .join(''),
    { mode: 0o600 },
  );
  await rename(draft, path);
}

/** `$XDG_STATE_HOME/code-mode/repl-history` */
export function historyPath(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_STATE_HOME || join(homedir(), '.local/state'), 'code-mode/repl-history');
}
