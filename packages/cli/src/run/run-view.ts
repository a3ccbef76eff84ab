import { type Display, type ProgramError, pythonValue, type RunResult, type SessionEvent } from '@code-mode/core';
import { visibleText } from '@code-mode/core/prompts/visible-text';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { TerminalFilter } from '../terminal/terminal-filter.ts';
import type { Images } from './images.ts';

type Stream = 'stdout' | 'stderr';

/** Shows a run as it goes on: output as it comes, displays, and what it came to. */
export class RunView {
  readonly #terminal: Terminal;
  readonly #images: Images;
  #filters = { stdout: new TerminalFilter(), stderr: new TerminalFilter() };
  readonly #atLineStart = { stdout: true, stderr: true };
  /** What came while somebody is asked; the question must stand alone. */
  #held: (() => void | Promise<void>)[] | undefined;
  /** Displays are shown one after the other, and output keeps its place among them. */
  #last: Promise<void> = Promise.resolve();
  #isBusy = 0;

  readonly #plainErrors: boolean;

  /** @param options.plainErrors shows an exception by its name and message alone */
  constructor(terminal: Terminal, images: Images, { plainErrors = false }: { plainErrors?: boolean } = {}) {
    this.#terminal = terminal;
    this.#images = images;
    this.#plainErrors = plainErrors;
  }

  onEvent(event: SessionEvent): void {
    if (event.type === 'output') this.#do(() => this.#write(event.stream, event.text));
    else if (event.type === 'display' && !event.display.isResult) this.#do(() => this.#display(event.display));
    else if (event.type === 'warning') this.#do(() => this.#note(event.message));
  }

  /** Nothing is shown until the returned function is called. */
  hold(): () => void {
    this.#held = [];
    this.freshLine();
    return () => {
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const task of held) this.#do(task);
    };
  }

  /** What comes next begins at the start of a line. */
  freshLine(): void {
    this.#endLine('stdout');
    this.#endLine('stderr');
  }

  /** What the run came to; resolves when all of it is shown. */
  async end(result: RunResult): Promise<void> {
    await this.#last;
    this.#endColors();
    // A sequence that this run has left open is none of the next one.
    this.#filters = { stdout: new TerminalFilter(), stderr: new TerminalFilter() };
    if (result.stateLost) this.#note('The Python process is a new one: the variables of earlier runs are gone.');
    switch (result.status) {
      case 'completed':
        return await this.#value(
          result.result,
          result.displays.find(({ isResult }) => isResult),
        );
      case 'failed':
        return this.#error(this.#describe(result.error));
      case 'interrupted':
        return this.#error(result.message);
      case 'crashed':
        return this.#error([result.detail.message, result.detail.stderrTail.trim()].filter(Boolean).join('\n'));
    }
  }

  async #value(value: Parameters<typeof pythonValue>[0] | undefined, rich: Display | undefined): Promise<void> {
    if (rich !== undefined && (await this.#images.show(rich))) return;
    const text = rich?.data['text/plain'] ?? (value === undefined || value === null ? undefined : pythonValue(value));
    if (text !== undefined) this.#shown(text);
  }

  async #display(display: Display): Promise<void> {
    if (await this.#images.show(display)) return;
    const { data } = display;
    const text = data['text/plain'] ?? data['text/markdown'] ?? data['text/html'];
    if (text === undefined) this.#note(`A display of ${Object.keys(data).join(', ')}, which a terminal cannot show.`);
    else this.#shown(text.trimEnd());
  }

  #describe({ name, message, traceback }: ProgramError): string {
    return (this.#plainErrors ? '' : traceback.trimEnd()) || `${name}: ${message}`;
  }

  #error(text: string): void {
    const { stderr } = this.#terminal;
    this.#line('stderr', this.#terminal.style('red', stderr.isTTY ? visibleText(text) : text, stderr));
  }

  #note(text: string): void {
    this.#endLine('stderr');
    this.#terminal.say(text);
  }

  /** What Python made for showing: it may colour itself. */
  #shown(text: string): void {
    const filter = new TerminalFilter();
    const safe = this.#terminal.stdout.isTTY ? filter.pass(text) : text;
    this.#line('stdout', `${safe}${filter.endColors()}`);
  }

  #line(stream: Stream, text: string): void {
    this.#endLine(stream);
    this.#terminal[stream].write(`${text}\n`);
  }

  #write(stream: Stream, text: string): void {
    const safe = this.#terminal[stream].isTTY ? this.#filters[stream].pass(text) : text;
    if (safe === '') return;
    this.#terminal[stream].write(safe);
    this.#atLineStart[stream] = safe.endsWith('\n');
  }

  /**
   * What is not output begins on a line of its own and in no colour but its own. Where both streams are one screen, so
   * are their lines.
   */
  #endLine(stream: Stream): void {
    this.#endColors();
    const other: Stream = stream === 'stdout' ? 'stderr' : 'stdout';
    const shared = this.#terminal[other].isTTY && !this.#atLineStart[other] ? other : undefined;
    const open = this.#atLineStart[stream] ? shared : stream;
    if (open !== undefined) this.#terminal[open].write('\n');
    this.#atLineStart[stream] = true;
    if (shared !== undefined) this.#atLineStart[other] = true;
  }

  #endColors(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const end = this.#filters[stream].endColors();
      if (end !== '') this.#terminal[stream].write(end);
    }
  }

  #do(task: () => void | Promise<void>): void {
    if (this.#held !== undefined) {
      this.#held.push(task);
      return;
    }
    // Output is written at once when nothing is before it, so that it keeps its place among prompts.
    if (this.#isBusy === 0) {
      const done = task();
      if (done === undefined) return;
      this.#follow(done);
      return;
    }
    this.#follow(this.#last.then(task));
  }

  #follow(task: Promise<void>): void {
    this.#isBusy++;
    this.#last = task
      .catch((error: Error) => this.#note(`A display could not be shown: ${error.message}`))
      .finally(() => {
        this.#isBusy--;
      });
  }
}

/** Documented in the help of `code-mode run`. */
export function exitCodeOfRun(result: RunResult): ExitCode {
  if (result.status === 'completed') return EXIT.ok;
  if (result.status === 'crashed') return EXIT.crashed;
  if (result.status === 'failed') return EXIT.failed;
  return { timeout: EXIT.timeout, aborted: EXIT.interrupted, denied: EXIT.denied }[result.reason];
}
