import { CodeModeError } from '../../errors.ts';
import type { ByteRange, Metadata } from '../../storage/storage.ts';
import { collect } from '../../storage/values.ts';
import { type ArtifactEntry, type ArtifactInfo, checkDescription, checkMetadata } from './artifact-entry.ts';
import type { ArtifactLibrary, OpenArtifact } from './artifact-library.ts';
import { fromJsonText, toJsonText } from './json-form.ts';

export interface SaveArtifactOptions {
  description?: string;
  /** Any JSON object. */
  metadata?: Metadata;
}

/** The session's artifacts, for host code. The same store that Python sees as `artifacts`. */
export class SessionArtifacts {
  readonly #library: ArtifactLibrary;

  constructor(library: ArtifactLibrary) {
    this.#library = library;
  }

  /**
   * Saves text, bytes (a Uint8Array or an async iterable of them, stored as they come) or a JSON value. What would
   * come back as something else is refused.
   * @throws CodeModeError `invalid_name`, `invalid_arguments`, `storage_unavailable`
   */
  async save(name: string, data: unknown, { description, metadata }: SaveArtifactOptions = {}): Promise<ArtifactEntry> {
    const about: Omit<ArtifactInfo, 'type'> = {
      ...(description !== undefined && { description: checkDescription(description) }),
      ...(metadata !== undefined && { metadata: checkMetadata(metadata) }),
    };
    if (data instanceof Uint8Array) return await this.#library.save(name, data, { ...about, type: 'bytes' });
    if (isStream(data)) return await this.#library.save(name, data, { ...about, type: 'bytes' });
    const json = toJsonText(data, 'data');
    const isText = typeof data === 'string';
    return await this.#library.save(name, Buffer.from(isText ? data : json), {
      ...about,
      type: isText ? 'text' : 'json',
    });
  }

  /**
   * A string, a JSON value (also for a DataFrame, in its JSON form), or bytes for everything else.
   * @throws CodeModeError `artifact_not_found`, `invalid_name`, `storage_corrupt`
   */
  async load(name: string): Promise<unknown> {
    await using artifact = await this.#library.open(name);
    const { type } = artifact.entry;
    const bytes = await collect(artifact.body);
    if (type !== 'text' && type !== 'json' && type !== 'dataframe')
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      return type === 'text' ? text : fromJsonText(text);
    } catch (cause) {
      const message = `The artifact ${JSON.stringify(name)} is not ${type === 'text' ? 'UTF-8 text' : 'JSON'}; open() gives its bytes.`;
      throw new CodeModeError('storage_corrupt', message, { cause });
    }
  }

  /**
   * Its bytes as a stream; close it when you stop early. `end` is exclusive.
   * @throws CodeModeError `artifact_not_found`, `invalid_name`
   */
  open(name: string, range?: ByteRange): Promise<OpenArtifact> {
    return this.#library.open(name, range);
  }

  get(name: string): Promise<ArtifactEntry | undefined> {
    return this.#library.get(name);
  }

  /** By name; those whose name starts with `prefix`. */
  list(prefix?: string): Promise<ArtifactEntry[]> {
    return this.#library.list(prefix);
  }

  async exists(name: string): Promise<boolean> {
    return (await this.#library.get(name)) !== undefined;
  }

  /** Says whether something was there. */
  delete(name: string): Promise<boolean> {
    return this.#library.delete(name);
  }
}

function isStream(data: unknown): data is AsyncIterable<Uint8Array> {
  return typeof data === 'object' && data !== null && Symbol.asyncIterator in data;
}
