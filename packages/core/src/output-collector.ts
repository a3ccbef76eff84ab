import type { OutputChunk } from './run-result.ts';

type Stream = OutputChunk['stream'];

/**
 * The output of one run: the first three quarters of `limitBytes` as they came, then only the last quarter, with a
 * line in between that says how much was left out.
 */
export class OutputCollector {
  readonly #head: OutputChunk[] = [];
  readonly #tail: OutputChunk[] = [];
  readonly #omitted: Record<Stream, number> = { stdout: 0, stderr: 0 };
  readonly #tailLimit: number;
  #headLeft: number;
  #tailBytes = 0;
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#headLeft = Math.floor((limitBytes * 3) / 4);
    this.#tailLimit = Math.ceil(limitBytes / 4);
  }

  /** All that came, what was left out too. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `omittedBytes` were left out by the kernel just before `text`. */
  add(stream: Stream, text: string, omittedBytes = 0): void {
    this.#bytes += omittedBytes;
    if (omittedBytes > 0) {
      this.#omitted[stream] += omittedBytes;
      this.#headLeft = 0;
    }
    if (text === '') return;
    const bytes = Buffer.byteLength(text);
    this.#bytes += bytes;
    if (bytes <= this.#headLeft) {
      this.#headLeft -= bytes;
      append(this.#head, stream, text);
      return;
    }
    const head = firstBytes(text, this.#headLeft);
    if (head !== '') append(this.#head, stream, head);
    this.#headLeft = 0;
    const rest = text.slice(head.length);
    this.#tail.push({ stream, text: rest });
    this.#tailBytes += Buffer.byteLength(rest);
    while (this.#tailBytes > this.#tailLimit) this.#dropFromTail();
  }

  /** Everything kept, in order, consecutive text of one stream joined. */
  chunks(advice = 'print less, or write it to a file and print a part'): OutputChunk[] {
    const chunks: OutputChunk[] = [];
    for (const { stream, text } of this.#head) append(chunks, stream, text);
    for (const stream of ['stdout', 'stderr'] as const) {
      const bytes = this.#omitted[stream];
      if (bytes > 0) {
        append(chunks, stream, `\n[${bytes.toLocaleString('en-US')} bytes of ${stream} left out here: ${advice}.]\n`);
      }
    }
    for (const { stream, text } of this.#tail) append(chunks, stream, text);
    return chunks;
  }

  #dropFromTail(): void {
    const first = this.#tail[0] as OutputChunk;
    const bytes = Buffer.byteLength(first.text);
    const excess = this.#tailBytes - this.#tailLimit;
    if (bytes <= excess) {
      this.#tail.shift();
      this.#tailBytes -= bytes;
      this.#omitted[first.stream] += bytes;
      return;
    }
    // A single chunk larger than what may be kept: its end is.
    const kept = Buffer.from(first.text)
      .subarray(excess)
      .toString('utf8')
      .replace(/^\uFFFD+/, '');
    const keptBytes = Buffer.byteLength(kept);
    this.#tail[0] = { stream: first.stream, text: kept };
    this.#tailBytes -= bytes - keptBytes;
    this.#omitted[first.stream] += bytes - keptBytes;
  }
}

function append(chunks: OutputChunk[], stream: Stream, text: string): void {
  const last = chunks.at(-1);
  if (last?.stream === stream) last.text += text;
  else chunks.push({ stream, text });
}

/** The longest beginning of `text` that has at most `bytes` bytes. */
function firstBytes(text: string, bytes: number): string {
  if (bytes <= 0) return '';
  // In a stream, a character that is cut in the middle is left out.
  return new TextDecoder().decode(Buffer.from(text).subarray(0, bytes), { stream: true });
}
