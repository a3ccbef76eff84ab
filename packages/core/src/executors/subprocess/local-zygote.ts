import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { CodeModeError } from '../../errors.ts';
import { kernelFolder } from '../../kernel-folder.ts';
import { explainStderr } from '../zygote/explain-stderr.ts';
import type { ZygoteOptions, ZygoteProcess } from '../zygote/zygote-process.ts';

const STDERR_TAIL_CHARS = 4_000;

interface LocalZygoteOptions extends ZygoteOptions {
  /** Absolute path of the interpreter. */
  python: string;
  env: Record<string, string>;
  /** What stands before the command that starts Python. */
  wrapper: string[];
}

/** A zygote as a process of this machine. */
export class LocalZygote implements ZygoteProcess {
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #options: LocalZygoteOptions;
  /** It is gone, and what it said has arrived. */
  readonly #closed: Promise<void>;
  #stderr = '';
  #error: Error | undefined;

  constructor(options: LocalZygoteOptions) {
    this.#options = options;
    const { python, env, wrapper, ...told } = options;
    const [file = python, ...args] = [...wrapper, python, '-I', '-X', 'utf8', kernelFolder()];
    this.#child = spawn(file, args, {
      cwd: '/',
      env,
      stdio: ['pipe', 'ignore', 'pipe'],
      // Its own session: a signal to the host's group leaves it time to end the kernels.
      detached: true,
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL_CHARS);
    });
    const failed = new Promise<void>((resolve) => {
      this.#child.once('error', (error) => {
        this.#error = error;
        resolve();
      });
    });
    this.exited = Promise.race([failed, new Promise<void>((resolve) => this.#child.once('exit', () => resolve()))]);
    this.#closed = Promise.race([failed, new Promise<void>((resolve) => this.#child.once('close', () => resolve()))]);
    this.#child.stdin?.on('error', () => {});
    this.#child.stdin?.end(`${JSON.stringify(told)}\n`);
    this.#child.unref();
    (this.#child.stderr as Socket | null)?.unref();
  }

  async failure(what?: string): Promise<CodeModeError> {
    if (what === undefined) await this.#closed;
    const { python, preload } = this.#options;
    const said = this.#stderr.trimEnd();
    const reason = what
      ? `${what}. ${said}`.trimEnd()
      : this.#error?.message || explainStderr(said) || `it exited with code ${this.#child.exitCode}`;
    return new CodeModeError('kernel_start_failed', `${python} could not start: ${reason}`, {
      cause: this.#error,
      details: { python, preload, stderr: this.#stderr },
    });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  killGroup(pid: number): void {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  }
}
