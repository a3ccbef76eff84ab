import { CodeModeError } from '../../errors.ts';
import { nearestName } from '../../search/nearest-name.ts';
import { parseKey, type StorageKey } from '../../storage/keys.ts';
import type { ByteRange, StorageValue, StoredStream } from '../../storage/storage.ts';
import type { SessionServices } from '../session-services.ts';
import { type ArtifactEntry, type ArtifactInfo, storedMetadata, toArtifactEntry } from './artifact-entry.ts';
import { SIGNATURE_BYTES } from './mime-type.ts';

/** An artifact that is open for reading; close it when you stop early. */
export interface OpenArtifact extends AsyncDisposable {
  entry: ArtifactEntry;
  /** Changes with each save. */
  version: string;
  /** Can be read once. */
  body: AsyncIterable<Uint8Array>;
}

/** The artifacts of a storage. Everything that saves, reads or removes one comes here. */
export class ArtifactLibrary {
  readonly #services: Pick<SessionServices, 'storage' | 'sessionId' | 'emit'>;

  constructor(services: Pick<SessionServices, 'storage' | 'sessionId' | 'emit'>) {
    this.#services = services;
  }

  /** @throws CodeModeError `invalid_name` */
  checkName(name: string): void {
    keyOf(name);
  }

  /**
   * Saves, replacing what has the name. A stream is stored as it comes; when it fails, nothing is left of it.
   * @param info a function is asked when the stream has ended
   * @throws CodeModeError `invalid_name`, `invalid_arguments` (too large), `storage_unavailable`
   */
  async save(name: string, value: StorageValue, info: ArtifactInfo | (() => ArtifactInfo)): Promise<ArtifactEntry> {
    const { storage, sessionId, emit } = this.#services;
    const key = keyOf(name);
    const seen = new Head(value);
    let saved: Pick<ArtifactInfo, 'runId'> = {};
    let entry: ArtifactEntry | undefined;
    await storage.set(key, value instanceof Uint8Array ? value : seen.pass(value), {
      metadata: (content) => {
        const given = typeof info === 'function' ? info() : info;
        saved = given;
        const metadata = storedMetadata(given, key.slice(COLLECTION.length), {
          ...content,
          head: seen.bytes,
          sessionId,
        });
        entry = toArtifactEntry({ key, version: '', size: content.size, metadata });
        return metadata;
      },
    });
    if (entry === undefined)
      throw new CodeModeError('storage_corrupt', `The storage ${storage.name} did not ask what ${key} is.`);
    emit({ type: 'artifact-save', artifact: entry, ...(saved.runId !== undefined && { runId: saved.runId }) });
    return entry;
  }

  /** @throws CodeModeError `invalid_name`, `storage_unavailable` */
  async get(name: string): Promise<ArtifactEntry | undefined> {
    const found = await this.#services.storage.head(keyOf(name));
    return found && toArtifactEntry(found);
  }

  /** By name; those whose name starts with `prefix`. */
  async list(prefix = ''): Promise<ArtifactEntry[]> {
    return (await this.#services.storage.list(`${COLLECTION}${prefix}`)).map(toArtifactEntry);
  }

  /** Says whether something was there. */
  async delete(name: string, runId?: string): Promise<boolean> {
    const key = keyOf(name);
    const deleted = await this.#services.storage.delete(key);
    if (deleted)
      this.#services.emit({
        type: 'artifact-delete',
        name: key.slice(COLLECTION.length),
        ...(runId !== undefined && { runId }),
      });
    return deleted;
  }

  /** @throws CodeModeError `artifact_not_found` */
  async open(name: string, range?: ByteRange): Promise<OpenArtifact> {
    const found = await this.#services.storage.open(keyOf(name), range);
    if (found === undefined) throw await this.#notFound(name);
    return toOpenArtifact(found);
  }

  async #notFound(name: string): Promise<CodeModeError> {
    const names = (await this.list().catch(() => [])).map((entry) => entry.name);
    const near = nearestName(name, names);
    const hint = near === undefined ? 'artifacts.list() shows what there is.' : `Did you mean ${JSON.stringify(near)}?`;
    const message = `There is no artifact ${JSON.stringify(name)}. ${hint}`;
    return new CodeModeError('artifact_not_found', message, { details: { name } });
  }
}

const COLLECTION = 'artifacts/';

function keyOf(name: string): StorageKey {
  if (typeof name !== 'string')
    throw new CodeModeError('invalid_name', `The name of an artifact must be a string, not ${typeof name}.`);
  return parseKey(`${COLLECTION}${name}`).key;
}

function toOpenArtifact(stream: StoredStream): OpenArtifact {
  const { body, version } = stream;
  return { entry: toArtifactEntry(stream), version, body, [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose]() };
}

/** Keeps the first bytes of a value that passes. */
class Head {
  bytes = new Uint8Array();

  constructor(value: StorageValue) {
    if (value instanceof Uint8Array) this.bytes = Uint8Array.from(value.subarray(0, SIGNATURE_BYTES));
  }

  async *pass(value: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of value) {
      const missing = SIGNATURE_BYTES - this.bytes.byteLength;
      if (missing > 0 && chunk instanceof Uint8Array)
        this.bytes = Buffer.concat([this.bytes, chunk.subarray(0, missing)]);
      yield chunk;
    }
  }
}
