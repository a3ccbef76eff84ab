import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export const HISTORY_LINES = 1_000;

/** The lines that were typed in earlier REPLs, newest first. Older ones than it gives are dropped from the file, too. */
export async function readHistory(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = text.split('\n').filter(Boolean);
  const kept = lines.slice(-HISTORY_LINES);
  if (lines.length > 2 * HISTORY_LINES) await writeFile(path, `${kept.join('\n')}\n`, FOR_THE_USER);
  return kept.reverse();
}

/** Adds a line at once: a REPL may end with its terminal, and others may run beside it. */
export async function keepLine(path: string, line: string): Promise<void> {
  if (line.trim() === '') return;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await appendFile(path, `${line}\n`, FOR_THE_USER);
}

/** For nobody else to read: what is typed may hold secrets. */
const FOR_THE_USER = { mode: 0o600 };

/** `$XDG_STATE_HOME/code-mode/repl-history` */
export function historyPath(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_STATE_HOME || join(homedir(), '.local/state'), 'code-mode/repl-history');
}
