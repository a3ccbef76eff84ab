import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { atExit } from '../at-exit.ts';
import { terminalText } from '../prompts/terminal-text.ts';
import { visibleLine } from '../prompts/visible-text.ts';

export interface InstallerCommand {
  file: string;
  args: string[];
  env: Record<string, string>;
  /** Ends it, with everything it started. */
  signal: AbortSignal;
  onLine(line: string): void;
}

export interface InstallerOutcome {
  exitCode: number | undefined;
  /** The last lines of its output, errors included. */
  lines: string[];
}

const KEPT_LINES = 60;

/**
 * Runs an installer without a shell and with an environment of its own. Its failure is an outcome.
 * @throws the reason of `signal`; Error when the program cannot be started
 */
export async function runInstaller({ file, args, env, signal, onLine }: InstallerCommand): Promise<InstallerOutcome> {
  signal.throwIfAborted();
  const installer = execa(file, args, {
    env,
    extendEnv: false,
    cwd: tmpdir(),
    stdin: 'ignore',
    all: true,
    buffer: false,
    reject: false,
    // Its own group, so that it can be ended together with what it started.
    detached: true,
  });
  const end = () => killGroup(installer.pid);
  signal.addEventListener('abort', end, { once: true });
  const forget = atExit(end);
  try {
    const lines = await readLines(installer.all as Readable, onLine);
    const { exitCode, originalMessage, failed } = await installer;
    signal.throwIfAborted();
    if (failed && exitCode === undefined)
      throw new Error(`${file} could not be run: ${originalMessage ?? 'it was ended by a signal'}`);
    return { exitCode, lines };
  } finally {
    signal.removeEventListener('abort', end);
    forget();
  }
}

/** Tells what an installer says; the last lines are what is left. */
export async function readLines(input: Readable, onLine: (line: string) => void): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input })) {
    // A package that is built may have written it, for whoever reads the log.
    const text = visibleLine(terminalText(withoutSecrets(line))).trimEnd();
    if (text === '') continue;
    lines.push(text);
    if (lines.length > KEPT_LINES) lines.shift();
    onLine(text);
  }
  return lines;
}

/** An index URL may carry a password. */
function withoutSecrets(line: string): string {
  return line.replace(/:\/\/[^/\s@]+@/g, '://****@');
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
