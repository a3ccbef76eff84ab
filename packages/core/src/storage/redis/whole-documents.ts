import type { ParsedKey } from '../keys.ts';
import { writtenMetadata } from '../py-layout.ts';
import type * as S from '../storage.ts';
import { clampRange, MeasuredValue } from '../values.ts';
import type { RedisCollection, Scanned } from './collection.ts';

/** The two collections that py-code-mode keeps in a form of its own. A document of them is read and written whole. */
export abstract class WholeDocuments implements RedisCollection {
  abstract readonly indexKey: string;
  readonly #maxValueBytes: number;

  constructor(maxValueBytes: number) {
    this.#maxValueBytes = maxValueBytes;
  }

  abstract get(key: ParsedKey): Promise<S.StoredDocument | undefined>;
  abstract delete(key: ParsedKey, ifVersion?: string): Promise<boolean>;
  abstract scan(): Promise<Scanned>;
  abstract entries(scanned: Scanned): Promise<S.StoredEntry[]>;
  protected abstract write(
    key: ParsedKey,
    value: Buffer,
    metadata: S.Metadata | undefined,
    ifVersion: string,
  ): Promise<string>;

  async head(key: ParsedKey): Promise<S.StoredEntry | undefined> {
    const document = await this.get(key);
    return document && withoutValue(document);
  }

  async open(key: ParsedKey, range?: S.ByteRange): Promise<S.StoredStream | undefined> {
    const document = await this.get(key);
    if (document === undefined) return undefined;
    const { start, end } = clampRange(range, document.size);
    const body = once(document.value.subarray(start, end));
    return { ...withoutValue(document), body, [Symbol.asyncDispose]: async () => {} };
  }

  async set(key: ParsedKey, value: S.StorageValue, options: S.SetOptions): Promise<string> {
    const limits = { key: key.key, maxBytes: this.#maxValueBytes, chunkBytes: 1_048_576 };
    const measured = new MeasuredValue(value, limits);
    const bytes = await measured.toBuffer();
    const metadata = writtenMetadata(key, options.metadata, { size: measured.size, sha256: measured.sha256() });
    return await this.write(key, bytes, metadata, options.ifVersion ?? '');
  }
}

export function withoutValue({ value: _, ...entry }: S.StoredDocument): S.StoredEntry {
  return entry;
}

async function* once(value: Uint8Array): AsyncGenerator<Uint8Array> {
  if (value.byteLength > 0) yield value;
}
