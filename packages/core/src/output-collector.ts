import type { OutputChunk } from './run-result.ts';

type Stream = OutputChunk['stream'];

/** Pieces are joined up to this many characters: a text for each would cost a hundred times what it says. */
const BLOCK_CHARS = 16_384;
const MAX_PIECES = 256;
/** A change of the stream begins a block, so this bounds what changes cost. */
const MAX_BLOCKS = 65_536;

/** Consecutive text of one stream. */
interface Block {
  stream: Stream;
  pieces: string[];
  chars: number;
  bytes: number;
}

/**
 * The output of one run: the first three quarters of `limitBytes` as they came, then only the last quarter, with a
 * line in between that says how much was left out. In however small pieces it comes, it costs about what it says.
 */
export class OutputCollector {
  readonly #head: Block[] = [];
  #tail: Block[] = [];
  /** What is before it in the tail is dropped; to remove it at once each time would move all the others. */
  #tailStart = 0;
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
    if (this.#head.length >= MAX_BLOCKS) this.#headLeft = 0;
    if (bytes <= this.#headLeft) {
      this.#headLeft -= bytes;
      put(this.#head, stream, text, bytes);
      return;
    }
    const head = firstBytes(text, this.#headLeft);
    if (head !== '') put(this.#head, stream, head, Buffer.byteLength(head));
    this.#headLeft = 0;
    const rest = text.slice(head.length);
    const restBytes = Buffer.byteLength(rest);
    put(this.#tail, stream, rest, restBytes);
    this.#tailBytes += restBytes;
    this.#dropFromTail();
  }

  /** Everything kept, in order, consecutive text of one stream joined. */
  chunks(advice = 'print less, or write it to a file and print a part'): OutputChunk[] {
    const chunks: OutputChunk[] = [];
    for (const block of this.#head) append(chunks, block.stream, textOf(block));
    const [first, ...rest] = this.#tail.slice(this.#tailStart);
    const kept = first && lastBytes(textOf(first), first.bytes - this.#excess);
    const omitted = { ...this.#omitted };
    if (first) omitted[first.stream] += first.bytes - Buffer.byteLength(kept ?? '');
    for (const stream of ['stdout', 'stderr'] as const) {
      const bytes = omitted[stream];
      if (bytes > 0) {
        append(chunks, stream, `\n[${bytes.toLocaleString('en-US')} bytes of ${stream} left out here: ${advice}.]\n`);
      }
    }
    if (first && kept) append(chunks, first.stream, kept);
    for (const block of rest) append(chunks, block.stream, textOf(block));
    return chunks;
  }

  get #excess(): number {
    return Math.max(0, this.#tailBytes - this.#tailLimit);
  }

  /** Whole blocks; what is too much of the first one left is left out when the chunks are made. */
  #dropFromTail(): void {
    for (;;) {
      const first = this.#tail[this.#tailStart];
      const blocks = this.#tail.length - this.#tailStart;
      if (!first || (first.bytes > this.#excess && blocks <= MAX_BLOCKS)) break;
      this.#tailStart++;
      this.#tailBytes -= first.bytes;
      this.#omitted[first.stream] += first.bytes;
    }
    if (this.#tailStart < MAX_BLOCKS) return;
    this.#tail = this.#tail.slice(this.#tailStart);
    this.#tailStart = 0;
  }
}

function put(blocks: Block[], stream: Stream, text: string, bytes: number): void {
  const last = blocks.at(-1);
  if (last?.stream !== stream || last.chars + text.length > BLOCK_CHARS) {
    blocks.push({ stream, pieces: [text], chars: text.length, bytes });
    return;
  }
  last.pieces.push(text);
  last.chars += text.length;
  last.bytes += bytes;
  if (last.pieces.length > MAX_PIECES) last.pieces = [textOf(last)];
}

function textOf({ pieces }: Block): string {
  return pieces.join('');
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

/** The longest end of `text` that has at most `bytes` bytes. */
function lastBytes(text: string, bytes: number): string {
  const all = Buffer.from(text);
  if (all.length <= bytes) return text;
  return all
    .subarray(all.length - bytes)
    .toString('utf8')
    .replace(/^\uFFFD+/, '');
}
