import { visibleLine } from '@code-mode/core/prompts/visible-text';

const SHOW_AFTER_MS = 1_000;
const FRAME_MS = 100;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** A line at a terminal that says what takes so long. It shows itself after a second, and is gone when it ends. */
export class Progress implements Disposable {
  readonly #stream: NodeJS.WriteStream;
  readonly #started = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #label: string;
  #isShown = false;

  constructor(stream: NodeJS.WriteStream, label: string) {
    this.#stream = stream;
    this.#label = label;
    if (stream.isTTY) this.#timer = setInterval(() => this.#draw(), FRAME_MS).unref();
  }

  /** What is done at the moment. */
  update(label: string): void {
    this.#label = label;
  }

  end(): void {
    clearInterval(this.#timer);
    if (this.#isShown) this.#stream.write('\r\u001b[K');
    this.#isShown = false;
  }

  [Symbol.dispose](): void {
    this.end();
  }

  #draw(): void {
    const elapsed = performance.now() - this.#started;
    if (elapsed < SHOW_AFTER_MS) return;
    this.#isShown = true;
    const frame = FRAMES[Math.floor(elapsed / FRAME_MS) % FRAMES.length];
    const line = `${frame} ${visibleLine(this.#label)} (${Math.floor(elapsed / 1_000)} s)`;
    this.#stream.write(`\r\u001b[K${line.slice(0, Math.max(1, (this.#stream.columns || 80) - 1))}`);
  }
}
