import { randomUUID } from 'node:crypto';
import { CodeModeError } from '../../errors.ts';
import type { ParsedKey } from '../keys.ts';
import { withDefaults, writtenMetadata } from '../py-layout.ts';
import type * as S from '../storage.ts';
import { clampRange, conflict, MeasuredValue } from '../values.ts';
import { orProblem, type RedisCollection, type Scanned, scanHash } from './collection.ts';
import type { RedisConnection } from './connection.ts';
import { decodeEntry, encodeEntry, type RedisKeys, sha1 } from './layout.ts';
import * as scripts from './scripts.ts';

/** Artifacts and the documents of our own collections: bytes under a key each, entries in one hash. */
export class RedisDocuments implements RedisCollection {
  readonly indexKey: string;
  readonly #collection: string;
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;
  readonly #maxValueBytes: number;

  constructor(collection: string, connection: RedisConnection, keys: RedisKeys, maxValueBytes: number) {
    this.indexKey = keys.index(collection);
    this.#collection = collection;
    this.#connection = connection;
    this.#keys = keys;
    this.#maxValueBytes = maxValueBytes;
  }

  async get(key: ParsedKey): Promise<S.StoredDocument | undefined> {
    const [raw, value] = (await this.#run(scripts.readDocument, key, [key.name])) as [Buffer | null, Buffer | null];
    if (raw === null || value === null) return undefined;
    return { ...this.#entry(key, raw, value.byteLength), value };
  }

  async head(key: ParsedKey): Promise<S.StoredEntry | undefined> {
    const [raw, size, exists] = (await this.#run(scripts.readEntry, key, [key.name])) as [
      Buffer | null,
      number,
      number,
    ];
    return raw === null || exists === 0 ? undefined : this.#entry(key, raw, size);
  }

  async open(key: ParsedKey, range?: S.ByteRange): Promise<S.StoredStream | undefined> {
    const entry = await this.head(key);
    if (entry === undefined) return undefined;
    const { start, end } = clampRange(range, entry.size);
    return { ...entry, body: this.#chunks(key, entry.version, start, end), [Symbol.asyncDispose]: async () => {} };
  }

  async set(key: ParsedKey, value: S.StorageValue, options: S.SetOptions): Promise<string> {
    const measured = new MeasuredValue(value, { key: key.key, maxBytes: this.#maxValueBytes, chunkBytes });
    const upload = this.#keys.upload(randomUUID());
    const first = await this.#upload(measured, upload);
    const content = { size: measured.size, sha256: measured.sha256() };
    const metadata = writtenMetadata(key, options.metadata, content);
    const entry = encodeEntry(key.collection, metadata, content.size, content.sha256);
    const keys = [this.#keys.data(key), this.indexKey, ...(first === undefined ? [upload] : [])];
    const outcome = await this.#connection.run(scripts.writeDocument, keys, [
      key.name,
      options.ifVersion ?? '',
      entry,
      first ?? '',
    ]);
    if (String(outcome) !== 'written') {
      if (first === undefined) await this.#connection.command('DEL', upload);
      if (String(outcome) !== 'expired') throw conflict(key.key, options.ifVersion ?? '', String(outcome));
      throw new CodeModeError('storage_unavailable', `The upload of ${key.key} was lost in Redis; try again.`);
    }
    return sha1(entry);
  }

  async delete(key: ParsedKey, ifVersion?: string): Promise<boolean> {
    const outcome = String(await this.#run(scripts.deleteDocument, key, [key.name, ifVersion ?? '']));
    if (outcome !== 'written' && outcome !== 'nothing') throw conflict(key.key, ifVersion ?? '', outcome);
    return outcome === 'written';
  }

  async scan(): Promise<Scanned> {
    return await scanHash(this.#connection, this.indexKey, this.#collection);
  }

  async entries(scanned: Scanned): Promise<S.StoredEntry[]> {
    const entries = [...scanned].map(async ([name, raw]): Promise<S.StoredEntry | undefined> => {
      const collection = this.#collection;
      const key: ParsedKey = { key: `${collection}/${name}`, collection, name, segments: [name] };
      const data = this.#keys.data(key);
      const size = Number(await this.#connection.command('STRLEN', data));
      // An entry whose bytes are gone is none.
      if (size === 0 && Number(await this.#connection.command('EXISTS', data)) === 0) return undefined;
      return orProblem(key.key, raw, size, () => this.#entry(key, raw, size));
    });
    return (await Promise.all(entries)).filter((entry) => entry !== undefined);
  }

  /** Returns the bytes when they are one chunk; otherwise they are under the upload key, for an hour. */
  async #upload(measured: MeasuredValue, upload: string): Promise<Buffer | undefined> {
    let sent = 0;
    let waiting: Uint8Array[] = [];
    let size = 0;
    const send = async (chunk?: Uint8Array) => {
      for (const part of chunk ? [...waiting, chunk] : waiting) await this.#append(upload, part);
      sent += size;
      [waiting, size] = [[], 0];
    };
    try {
      for await (const chunk of measured.chunks()) {
        size += chunk.byteLength;
        if (size > chunkBytes) await send(chunk);
        // It is kept beyond this step, and its source may use the buffer again.
        else waiting.push(Uint8Array.from(chunk));
      }
      if (sent === 0) return Buffer.concat(waiting);
      await send();
      return undefined;
    } catch (error) {
      await this.#connection.command('DEL', upload).catch(() => {});
      throw error;
    }
  }

  async #append(upload: string, chunk: Uint8Array): Promise<void> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    await this.#connection.command('APPEND', upload, bytes);
    await this.#connection.command('EXPIRE', upload, 3600);
  }

  async *#chunks(key: ParsedKey, version: string, start: number, end: number): AsyncGenerator<Uint8Array> {
    for (let at = start; at < end; ) {
      const last = Math.min(at + chunkBytes, end) - 1;
      const chunk = await this.#run(scripts.readRange, key, [key.name, version, at, last]);
      if (!(chunk instanceof Buffer) || chunk.byteLength === 0) throw conflict(key.key, version, 'another');
      at += chunk.byteLength;
      yield chunk;
    }
  }

  #entry(key: ParsedKey, raw: Buffer, size: number): S.StoredEntry {
    const metadata = decodeEntry(key.collection, `${this.indexKey} ${key.name}`, raw);
    const filled = metadata && withDefaults(key, metadata);
    return { key: key.key, version: sha1(raw), size, ...(filled && { metadata: filled }) };
  }

  async #run(script: scripts.Script, key: ParsedKey, args: (string | number)[]): Promise<unknown> {
    return await this.#connection.run(script, [this.#keys.data(key), this.indexKey], args);
  }
}

const chunkBytes = 1_048_576;
