import { createInterface } from 'node:readline';
import { styleText } from 'node:util';
import { visibleText } from '@code-mode/core/prompts/visible-text';
import { usageError } from '../failure.ts';
import { choose } from './choose.ts';
import { Progress } from './progress.ts';

type Style = Parameters<typeof styleText>[0];

/** Where the command reads and writes: results on stdout, everything said about them on stderr. */
export class Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;

  constructor({ stdin, stdout, stderr, env }: Pick<Terminal, 'stdin' | 'stdout' | 'stderr' | 'env'>) {
    this.stdin = stdin;
    this.stdout = stdout;
    this.stderr = stderr;
    this.env = env;
  }

  /** Whether somebody is there who can be asked. */
  get canAsk(): boolean {
    return this.stdin.isTTY === true && this.stderr.isTTY === true;
  }

  /**
   * What is printed may come from Python, a store or a server: at a terminal nothing of it is obeyed or hidden.
   * @param mark what stands before it, styled by `style`
   */
  print(text: string, mark = ''): void {
    this.stdout.write(`${mark}${shown(text, this.stdout)}\n`);
  }

  printJson(value: unknown): void {
    this.print(JSON.stringify(value, undefined, 2));
  }

  /** As `print`, on stderr. */
  say(text: string, mark = ''): void {
    this.stderr.write(`${mark}${shown(text, this.stderr)}\n`);
  }

  /** Coloured only where stdout shows colours: NO_COLOR, FORCE_COLOR and pipes are heeded. */
  style(format: Style, text: string, stream: NodeJS.WriteStream = this.stdout): string {
    return styleText(format, text, { stream });
  }

  /** Says that something takes long, once it does. */
  progress(label: string): Progress {
    return new Progress(this.stderr, label);
  }

  /** A line that somebody types; the end of the input is an empty one. Ctrl-C is the signal that it is elsewhere. */
  async ask(question: string, signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted();
    const lines = createInterface({ input: this.stdin, output: this.stderr });
    try {
      return await new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        lines.once('SIGINT', () => {
          // No answer: whoever heeds the signal goes on before anybody takes this for a no.
          lines.removeAllListeners('close').close();
          this.stderr.write('\n');
          process.kill(process.pid, 'SIGINT');
        });
        lines.once('close', () => {
          this.stderr.write('\n');
          resolve('');
        });
        lines.question(visibleText(question), resolve);
      });
    } finally {
      lines.removeAllListeners('close').close();
    }
  }

  /**
   * Whether to go on with something that cannot be undone.
   * @param flag that says yes beforehand, for where nobody can be asked
   */
  async confirm(question: string, yes: boolean, flag = '--yes'): Promise<boolean> {
    if (yes) return true;
    if (!this.canAsk)
      throw usageError(`${question} Nobody can be asked without a terminal; say ${flag} if you mean it.`);
    return (await choose((text) => this.ask(text), `${question} [y/N] `, ['no', 'yes'])) === 'yes';
  }
}

function shown(text: string, stream: NodeJS.WriteStream): string {
  return stream.isTTY ? visibleText(text) : text;
}
