/** Output as it streams in, of which a bounded part stays in memory: the start or the end. */
export class KeptOutput {
  readonly #limitBytes: number;
  readonly #keep: 'start' | 'end';
  #buffer = Buffer.alloc(0);
  #length = 0;
  #totalBytes = 0;

  constructor(limitBytes: number, keep: 'start' | 'end') {
    this.#limitBytes = limitBytes;
    this.#keep = keep;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  get isCut(): boolean {
    return this.#totalBytes > this.#limitBytes;
  }

  add(chunk: Buffer): void {
    this.#totalBytes += chunk.length;
    if (this.#keep === 'start') {
      this.#append(chunk.subarray(0, this.#limitBytes - this.#length));
      return;
    }
    // Twice the limit, so that what is kept moves to the front only once in a while.
    if (this.#length + chunk.length > 2 * this.#limitBytes) {
      const kept = this.bytes();
      this.#buffer.set(kept);
      this.#length = kept.length;
    }
    this.#append(chunk.subarray(Math.max(0, chunk.length - this.#limitBytes)));
  }

  /** What was kept, exactly as it came. */
  bytes(): Buffer {
    return this.#buffer.subarray(this.#keep === 'end' ? Math.max(0, this.#length - this.#limitBytes) : 0, this.#length);
  }

  /** What was kept, with `\ufffd` for what is no UTF-8, and a line that says what was cut. */
  text(): string {
    const text = this.bytes().toString('utf8');
    if (!this.isCut) return text;
    const part = this.#keep === 'start' ? 'first' : 'last';
    const note = `[cut: these are the ${part} ${this.#limitBytes} of ${this.#totalBytes} bytes]`;
    return this.#keep === 'start' ? `${text}\n${note}\n` : `${note}\n${text}`;
  }

  #append(chunk: Buffer): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(needed, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = needed;
  }
}
