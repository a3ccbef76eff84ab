import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { CodeModeError } from '../../errors.ts';
import { kernelFolder } from '../../kernel-folder.ts';
import type { Introduction } from './socket-server.ts';

/** How long a zygote may take to say who it is, and then to be ready. */
export const START_TIMEOUT_MS = 30_000;
const STDERR_TAIL_CHARS = 4_000;

export interface ZygoteOptions {
  /** Absolute path of the interpreter. */
  python: string;
  /** The folder of the environment's packages. */
  sitePackages: string | null;
  preload: string[];
  env: Record<string, string>;
  startMethod: 'auto' | 'fork' | 'spawn';
  /** What kernels may reach beyond Python; null leaves them unconfined. */
  sandbox: { network: boolean; readable: string[]; writable: string[] } | null;
}

/** Starts the Python process that is to be a zygote. It gets what it must know on its standard input. */
export function spawnZygote(
  { python, env, sitePackages, preload, startMethod, sandbox }: ZygoteOptions,
  { socket, secret }: { socket: string; secret: string },
): { child: ChildProcess; stderr: () => string } {
  const child = spawn(python, ['-I', '-X', 'utf8', kernelFolder()], {
    cwd: '/',
    env,
    stdio: ['pipe', 'ignore', 'pipe'],
    // Its own session: a signal to the host's group leaves it time to end the kernels.
    detached: true,
  });
  const stderr = tailOf(child);
  child.stdin?.on('error', () => {});
  const options = { role: 'zygote', socket, secret, sitePackages, preload, startMethod, sandbox };
  child.stdin?.end(`${JSON.stringify(options)}\n`);
  return { child, stderr };
}

/** Waits for the zygote to introduce itself. @throws CodeModeError `kernel_start_failed` when it ends or says nothing */
export function untilGreeted(
  child: ChildProcess,
  greeting: Promise<Introduction>,
  stderr: () => string,
  { python, preload }: ZygoteOptions,
): Promise<Introduction> {
  return new Promise((resolve, reject) => {
    const fail = (what: string, cause?: unknown) =>
      reject(
        new CodeModeError('kernel_start_failed', `${python} could not start: ${what}`, {
          cause,
          details: { python, preload, stderr: stderr() },
        }),
      );
    const timer = setTimeout(() => fail(`no answer within ${START_TIMEOUT_MS} ms. ${stderr()}`), START_TIMEOUT_MS);
    const settle = () => {
      clearTimeout(timer);
      child.off('close', ended);
      child.off('error', failed);
      child.unref();
    };
    const failed = (error: Error) => {
      settle();
      fail(error.message, error);
    };
    const ended = (code: number | null) => {
      settle();
      fail(explain(stderr()) || `it exited with code ${code}`);
    };
    child.once('error', failed);
    child.once('close', ended);
    void greeting.then((introduction) => {
      settle();
      resolve(introduction);
    });
  });
}

/** The last line of a traceback is the one that says what is wrong. */
function explain(stderr: string): string {
  const last = stderr.trimEnd().split('\n').at(-1) ?? '';
  return last.startsWith('ModuleNotFoundError')
    ? `${last}. Packages named in \`preload\` must be installed for this Python.`
    : last;
}

function tailOf(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_TAIL_CHARS);
  });
  (child.stderr as Socket | null)?.unref();
  return () => tail;
}
