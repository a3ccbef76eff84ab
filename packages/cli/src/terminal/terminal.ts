import { createInterface } from 'node:readline/promises';
import { styleText } from 'node:util';
import { usageError } from '../failure.ts';
import { choose } from './choose.ts';
import { Progress } from './progress.ts';
import { TerminalFilter } from './terminal-filter.ts';

type Style = Parameters<typeof styleText>[0];

/** Where the command reads and writes: results on stdout, everything said about them on stderr. */
export class Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;

  constructor({ stdin, stdout, stderr, env }: Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'env'>) {
    this.stdin = stdin;
    this.stdout = stdout;
    this.stderr = stderr;
    this.env = env;
  }

  /** Whether somebody is there who can be asked. */
  get canAsk(): boolean {
    return this.stdin.isTTY === true && this.stderr.isTTY === true;
  }

  /** What is printed may come from Python or a store: at a terminal it can colour itself, and nothing else. */
  print(text: string): void {
    this.stdout.write(`${safe(text, this.stdout)}\n`);
  }

  printJson(value: unknown): void {
    this.print(JSON.stringify(value, undefined, 2));
  }

  say(text: string): void {
    this.stderr.write(`${safe(text, this.stderr)}\n`);
  }

  /** Coloured only where stdout shows colours: NO_COLOR, FORCE_COLOR and pipes are heeded. */
  style(format: Style, text: string, stream: NodeJS.WriteStream = this.stdout): string {
    return styleText(format, text, { stream });
  }

  /** Says that something takes long, once it does. */
  progress(label: string): Progress {
    return new Progress(this.stderr, label);
  }

  async ask(question: string, signal?: AbortSignal): Promise<string> {
    const lines = createInterface({ input: this.stdin, output: this.stderr });
    const closed = new AbortController();
    lines.once('SIGINT', () => closed.abort()).once('close', () => closed.abort());
    try {
      return await lines.question(question, {
        signal: signal ? AbortSignal.any([signal, closed.signal]) : closed.signal,
      });
    } finally {
      lines.close();
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

function safe(text: string, stream: NodeJS.WriteStream): string {
  return stream.isTTY ? new TerminalFilter().pass(text) : text;
}
