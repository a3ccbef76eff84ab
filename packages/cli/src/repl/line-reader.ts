import { createInterface, type Interface } from 'node:readline';
import type { Terminal } from '../terminal/terminal.ts';
import { HISTORY_LINES } from './history-file.ts';

export interface LineReaderOptions {
  history: string[];
  complete(line: string): Promise<[string[], string]>;
  /** Ctrl-C. */
  onInterrupt(): void;
}

/** Lines from a terminal, also those typed while nobody waits for one. */
export class LineReader implements Disposable {
  readonly #interface: Interface;
  readonly #output: NodeJS.WriteStream;
  readonly #typed: string[] = [];
  #waiting: ((line: string | undefined) => void) | undefined;
  #answer: ((text: string) => void) | undefined;
  #ended = false;

  /** Whether somebody waits for a line. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  constructor({ stdin, stdout }: Terminal, { history, complete, onInterrupt }: LineReaderOptions) {
    this.#output = stdout;
    this.#interface = createInterface({
      input: stdin,
      output: stdout,
      history,
      historySize: HISTORY_LINES,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: Error | null, found: [string[], string]) => void) =>
        complete(line).then(
          (found) => done(null, found),
          () => done(null, [[], line]),
        ),
    });
    this.#interface
      .on('line', (line) => this.#take(line))
      .on('history', (lines: string[]) => {
        // An answer is nothing to type again.
        if (this.#answer !== undefined) lines.shift();
      })
      .on('SIGINT', onInterrupt)
      .on('close', () => {
        this.#ended = true;
        this.#waiting?.(undefined);
        this.#answer?.('');
      });
  }

  /** The next line; undefined at the end of the input. */
  async next(prompt: string): Promise<string | undefined> {
    const typed = this.#typed.shift();
    if (typed !== undefined || this.#ended) return typed;
    this.#interface.setPrompt(prompt);
    this.#interface.prompt();
    return await new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Forgets what was typed and not read, e.g. to begin anew or to ask something else. */
  forget(): void {
    this.#typed.length = 0;
    if (this.#interface.line === '') return;
    this.#interface.write(null, { ctrl: true, name: 'e' });
    this.#interface.write(null, { ctrl: true, name: 'u' });
  }

  /** Asks in between; what was typed ahead is no answer, and the end of the input is an empty one. */
  async ask(question: string, signal?: AbortSignal): Promise<string> {
    this.forget();
    if (this.#ended) return '';
    try {
      return await new Promise((resolve, reject) => {
        this.#answer = resolve;
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        this.#interface.question(question, signal ? { signal } : {}, resolve);
      });
    } finally {
      this.#answer = undefined;
    }
  }

  /** Draws a new prompt in place of the line that is being typed. */
  again(prompt: string): void {
    this.forget();
    this.#output.write('\n');
    this.#interface.setPrompt(prompt);
    this.#interface.prompt();
  }

  [Symbol.dispose](): void {
    this.#interface.close();
  }

  #take(line: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(line);
    else this.#typed.push(line);
  }
}
