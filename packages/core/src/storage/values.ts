import { createHash } from 'node:crypto';
import { CodeModeError } from '../errors.ts';
import type { ByteRange, Metadata, StorageValue } from './storage.ts';

export const defaultMaxValueBytes = 512 * 1024 * 1024;
const maxLineBytes = 1024 * 1024;

/** Passes a value on in chunks of at most `chunkBytes`, and knows its size and hash when it has ended. */
export class MeasuredValue {
  size = 0;
  readonly #hash = createHash('sha256');
  readonly #value: StorageValue;
  readonly #limits: { key: string; maxBytes: number; chunkBytes: number };

  constructor(value: StorageValue, limits: { key: string; maxBytes: number; chunkBytes: number }) {
    this.#value = value;
    this.#limits = limits;
    if (value instanceof Uint8Array) this.#checkSize(value.byteLength);
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    const { key, chunkBytes } = this.#limits;
    for await (const chunk of this.#value instanceof Uint8Array ? [this.#value] : this.#value) {
      if (!(chunk instanceof Uint8Array)) {
        throw new CodeModeError(
          'invalid_arguments',
          `The stream for ${key} gave a ${typeof chunk}; give Uint8Array chunks.`,
        );
      }
      for (let at = 0; at < chunk.byteLength; at += chunkBytes) {
        const part = chunk.subarray(at, at + chunkBytes);
        this.size += part.byteLength;
        this.#checkSize(this.size);
        this.#hash.update(part);
        yield part;
      }
    }
  }

  /** All of it, independent of the buffers it came in. */
  async toBuffer(): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for await (const chunk of this.chunks()) parts.push(Uint8Array.from(chunk));
    return Buffer.concat(parts);
  }

  /** Once, after the last chunk. */
  sha256(): string {
    return this.#hash.digest('hex');
  }

  #checkSize(size: number): void {
    const { key, maxBytes } = this.#limits;
    if (size <= maxBytes) return;
    throw new CodeModeError(
      'invalid_arguments',
      `The value for ${key} is larger than the ${maxBytes} bytes allowed; raise maxValueBytes or split it.`,
      {
        details: { key, maxBytes },
      },
    );
  }
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of chunks) parts.push(part);
  return Buffer.concat(parts);
}

export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

export function versionOf(contentHash: string, metadata: Metadata | undefined): string {
  return sha256(metadata === undefined ? contentHash : `${contentHash}\n${JSON.stringify(metadata)}`).slice(0, 32);
}

export function conflict(key: string, expected: string, actual: string): CodeModeError {
  const message = `${key} was changed by someone else (expected ${expected}, found ${actual}); read it again and repeat the change.`;
  return new CodeModeError('storage_conflict', message, { details: { key, expected, actual } });
}

/** The range cut to what is there. */
export function clampRange(range: ByteRange | undefined, size: number): { start: number; end: number } {
  const start = Math.min(Math.max(range?.start ?? 0, 0), size);
  return { start, end: Math.max(start, Math.min(range?.end ?? size, size)) };
}

export function checkLine(log: string, line: string): string {
  if (/[\r\n]/.test(line) || Buffer.byteLength(line) > maxLineBytes) {
    throw new CodeModeError(
      'invalid_arguments',
      `A line of the log ${log} must have no line break and at most ${maxLineBytes} bytes.`,
    );
  }
  return line;
}

export function checkLimit(limit = 1000): number {
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new CodeModeError(
    'invalid_arguments',
    `The limit of a log page must be a positive whole number, not ${limit}.`,
  );
}
