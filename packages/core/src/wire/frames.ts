import { isUtf8 } from 'node:buffer';
import { CodeModeError } from '../errors.ts';
import { visibleLine } from '../prompts/visible-text.ts';
import { excessOf } from './json-excess.ts';

const HEADER_BYTES = 8;
/** Pieces below this are joined, so many at a time: each costs some hundred bytes besides, and their sender says how small they are. */
const SMALL_BYTES = 4_096;
const MAX_SMALL = 256;

/** One received frame: its parsed JSON object, and the attachment when there is one. */
export interface Frame {
  message: { type: string; [key: string]: unknown };
  attachment: Uint8Array | undefined;
}

/** Encodes one frame as the buffers to write, the attachment uncopied. */
export function encodeFrame(message: object, attachment?: Uint8Array): Buffer[] {
  const json = JSON.stringify(message);
  const jsonBytes = Buffer.byteLength(json);
  const head = Buffer.allocUnsafe(HEADER_BYTES + jsonBytes);
  head.writeUInt32BE(jsonBytes, 0);
  head.writeUInt32BE(attachment?.byteLength ?? 0, 4);
  head.write(json, HEADER_BYTES);
  return attachment?.byteLength
    ? [head, Buffer.from(attachment.buffer, attachment.byteOffset, attachment.byteLength)]
    : [head];
}

/**
 * Turns a byte stream into frames. The bytes come from Python code nobody vouches for: a frame over `maxBytes`, or
 * one whose JSON is too deep, has too many values or is not an object with a string `type`, throws `protocol_error`, and the reader is done.
 */
export class FrameReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #buffered = 0;
  /** Small ones at the end of the chunks. */
  #small = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes the next bytes and yields the frames they complete. */
  *push(chunk: Buffer): Generator<Frame> {
    this.#add(chunk);
    for (;;) {
      if (this.#buffered < HEADER_BYTES) return;
      const header = this.#peekHeader();
      const jsonBytes = header.readUInt32BE(0);
      const length = HEADER_BYTES + jsonBytes + header.readUInt32BE(4);
      if (length > this.#maxBytes) {
        throw protocolError(`a frame of ${length} bytes is over the limit of ${this.#maxBytes} bytes`);
      }
      if (this.#buffered < length) return;
      yield parseFrame(this.#take(length), jsonBytes);
    }
  }

  /** The bytes that came after the last frame; the reader is empty afterwards. */
  rest(): Buffer {
    return this.#take(this.#buffered);
  }

  /** How many buffers hold what waits for the rest of its frame. */
  get pieces(): number {
    return this.#chunks.length;
  }

  #add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    this.#small = chunk.length < SMALL_BYTES ? this.#small + 1 : 0;
    if (this.#small < MAX_SMALL) return;
    const joined = Buffer.concat(this.#chunks.splice(-MAX_SMALL));
    this.#chunks.push(joined);
    this.#small = joined.length < SMALL_BYTES ? 1 : 0;
  }

  #peekHeader(): Buffer {
    const first = this.#chunks[0] as Buffer;
    if (first.length >= HEADER_BYTES) return first;
    this.#chunks = [Buffer.concat(this.#chunks)];
    this.#small = 0;
    return this.#chunks[0] as Buffer;
  }

  /** Removes `length` bytes; chunks are joined once, however many there are. */
  #take(length: number): Buffer {
    const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#buffered -= length;
    this.#chunks = this.#buffered > 0 ? [all.subarray(length)] : [];
    this.#small = 0;
    return all.subarray(0, length);
  }
}

export function protocolError(what: string): CodeModeError {
  return new CodeModeError(
    'protocol_error',
    `The kernel broke the wire protocol: ${visibleLine(what)}. It was ended; the next run gets a fresh one.`,
  );
}

function parseFrame(bytes: Buffer, jsonBytes: number): Frame {
  const jsonEnd = HEADER_BYTES + jsonBytes;
  const json = bytes.subarray(HEADER_BYTES, jsonEnd);
  const excess = excessOf(json);
  if (excess !== undefined) throw protocolError(`a frame ${excess}`);
  if (!isUtf8(json)) throw protocolError('a frame is not UTF-8');
  let message: unknown;
  try {
    message = JSON.parse(json.toString());
  } catch (cause) {
    throw protocolError(`a frame is not JSON (${(cause as Error).message})`);
  }
  if (typeof message !== 'object' || message === null || typeof (message as { type?: unknown }).type !== 'string') {
    throw protocolError('a frame is not an object with a type');
  }
  return {
    message: message as Frame['message'],
    attachment: bytes.length > jsonEnd ? bytes.subarray(jsonEnd) : undefined,
  };
}
