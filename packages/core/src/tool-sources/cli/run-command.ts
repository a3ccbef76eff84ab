import { randomUUID } from 'node:crypto';
import { KeptOutput } from './kept-output.ts';
import { CALL_VARIABLE, killMarked } from './kill-marked.ts';

export interface Command {
  file: string;
  args: string[];
  env: Record<string, string>;
  cwd: string | undefined;
  /** Text for its standard input, which is empty otherwise. */
  input: string | undefined;
  timeoutMs: number;
  /** Kills it, with everything it started. */
  signal: AbortSignal;
  /** Standard output kept, in bytes: its start. */
  outputBytes: number;
}

export type CommandOutcome = { stdout: KeptOutput; stderr: KeptOutput } & (
  | { kind: 'exited'; exitCode: number }
  | { kind: 'killed'; signal: string }
  | { kind: 'timed-out' }
  /** The program could not be started. `code` is the system's, e.g. `ENOENT`. */
  | { kind: 'not-started'; code: string }
);

const STDERR_BYTES = 65_536;

/**
 * Runs a program without a shell, in a process group of its own. However it ends, that is an outcome.
 * @throws the reason of `signal`
 */
export async function runCommand(command: Command): Promise<CommandOutcome> {
  const { file, args, cwd, input, timeoutMs, signal, outputBytes } = command;
  const { execa } = await import('execa');
  signal.throwIfAborted();
  const stdout = new KeptOutput(outputBytes, 'start');
  const stderr = new KeptOutput(STDERR_BYTES, 'end');
  const callId = randomUUID();
  const stop = new AbortController();
  const child = execa(file, args, {
    env: { ...command.env, [CALL_VARIABLE]: callId },
    extendEnv: false,
    ...(cwd !== undefined && { cwd }),
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
    encoding: 'buffer',
    buffer: false,
    reject: false,
    cancelSignal: stop.signal,
    killSignal: 'SIGKILL',
    killDescendants: true,
  });
  child.stdout?.on('data', (chunk: Buffer) => stdout.add(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.add(chunk));
  const end = () => {
    stop.abort();
    killMarked(callId);
    // A process out of reach may hold the other end of the pipes.
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, timeoutMs);
  signal.addEventListener('abort', end, { once: true });
  try {
    const result = await child;
    signal.throwIfAborted();
    const output = { stdout, stderr };
    if (timedOut) return { kind: 'timed-out', ...output };
    if (result.exitCode !== undefined) return { kind: 'exited', exitCode: result.exitCode, ...output };
    if (result.signal !== undefined) return { kind: 'killed', signal: result.signal, ...output };
    return { kind: 'not-started', code: result.code ?? 'unknown error', ...output };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}
