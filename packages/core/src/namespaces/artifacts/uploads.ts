import { randomUUID } from 'node:crypto';
import { CallFailure } from '../call-failure.ts';
import type { ArtifactEntry, ArtifactInfo } from './artifact-entry.ts';
import type { ArtifactLibrary } from './artifact-library.ts';

/** Uploads that one run may have open at a time. */
const MAX_OPEN = 64;

/** Artifacts that come piece by piece. What is not finished when its run ends leaves nothing behind. */
export class Uploads {
  readonly #library: ArtifactLibrary;
  readonly #open = new Map<string, Upload>();

  constructor(library: ArtifactLibrary) {
    this.#library = library;
  }

  /** Returns what later calls name the upload by. @throws CodeModeError `invalid_name`, CallFailure `limit` */
  begin(runId: string, name: string): string {
    this.#library.checkName(name);
    const open = [...this.#open.values()].filter((upload) => upload.runId === runId).length;
    if (open >= MAX_OPEN)
      throw new CallFailure(
        'limit',
        `More than ${MAX_OPEN} large artifacts are being saved at once; wait for some of them.`,
      );
    const id = randomUUID();
    this.#open.set(id, new Upload(this.#library, runId, name));
    return id;
  }

  /** Resolves when the storage is ready for more. */
  async write(runId: string, id: string, chunk: Uint8Array): Promise<void> {
    await this.#get(runId, id).write(chunk);
  }

  /** What a commit would save. Nothing can be added from now on: somebody may be asked about it. @throws CallFailure `namespace` */
  seal(runId: string, id: string): { name: string; size: number } {
    const upload = this.#get(runId, id);
    upload.isSealed = true;
    return upload;
  }

  async commit(runId: string, id: string, info: ArtifactInfo): Promise<ArtifactEntry> {
    const upload = this.#get(runId, id);
    this.#open.delete(id);
    return await upload.commit(info);
  }

  cancel(runId: string, id: string): void {
    const upload = this.#get(runId, id);
    this.#open.delete(id);
    upload.fail('was given up');
  }

  /** The run is over. */
  release(runId: string): void {
    for (const [id, upload] of this.#open) {
      if (upload.runId !== runId) continue;
      this.#open.delete(id);
      upload.fail('was cut off by the end of its run');
    }
  }

  #get(runId: string, id: string): Upload {
    const upload = this.#open.get(id);
    if (upload?.runId === runId) return upload;
    throw new CallFailure('namespace', 'This upload is not open any more. Call artifacts.save again.');
  }
}

class Upload {
  readonly runId: string;
  readonly name: string;
  /** Bytes so far. */
  size = 0;
  isSealed = false;
  readonly #pipe = new Pipe();
  readonly #saving: Promise<ArtifactEntry>;
  #info: ArtifactInfo = { type: 'bytes' };

  constructor(library: ArtifactLibrary, runId: string, name: string) {
    this.runId = runId;
    this.name = name;
    this.#saving = library.save(name, this.#pipe, () => this.#info);
    // Whoever writes or commits hears of a failure; nobody may be listening yet.
    this.#saving.catch(() => {});
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.isSealed) throw new CallFailure('namespace', 'This upload is complete; nothing can be added.');
    this.size += chunk.byteLength;
    await Promise.race([this.#pipe.push(chunk), this.#saving]);
  }

  async commit(info: ArtifactInfo): Promise<ArtifactEntry> {
    this.#info = info;
    this.#pipe.end();
    return await this.#saving;
  }

  fail(how: string): void {
    this.#pipe.end(new CallFailure('cancelled', `Saving ${JSON.stringify(this.name)} ${how}; nothing of it was kept.`));
  }
}

/** An async iterable that somebody else fills, one chunk ahead of its reader. */
class Pipe implements AsyncIterable<Uint8Array> {
  readonly #waiting: { chunk: Uint8Array; taken: () => void }[] = [];
  #wake: () => void = () => {};
  #ended = false;
  #error: Error | undefined;

  /** Resolves when the reader asks for more. */
  push(chunk: Uint8Array): Promise<void> {
    return new Promise((taken) => {
      this.#waiting.push({ chunk, taken });
      this.#wake();
    });
  }

  end(error?: Error): void {
    this.#ended = true;
    this.#error = error;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.#error) throw this.#error;
      const next = this.#waiting.shift();
      if (next) {
        yield next.chunk;
        next.taken();
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
