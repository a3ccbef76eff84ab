import type { ParsedKey } from '../keys.ts';
import { depsName, isValidName } from '../keys.ts';
import { writtenMetadata } from '../py-layout.ts';
import type * as S from '../storage.ts';
import { clampRange, conflict, MeasuredValue } from '../values.ts';
import type { RedisConnection } from './connection.ts';
import { orProblem, scanHash, sha1 } from './documents.ts';
import { decodeWorkflow, encodeWorkflow, type RedisKeys } from './layout.ts';
import * as scripts from './scripts.ts';

/** The two collections py-code-mode keeps in a form of its own: workflows in one hash, deps in one set. */
export class RedisPyDocuments {
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;
  readonly #maxValueBytes: number;

  constructor(connection: RedisConnection, keys: RedisKeys, maxValueBytes: number) {
    this.#connection = connection;
    this.#keys = keys;
    this.#maxValueBytes = maxValueBytes;
  }

  async get(key: ParsedKey): Promise<S.StoredDocument | undefined> {
    if (key.collection === 'deps') return await this.#getDeps(key);
    const raw = await this.#connection.command('HGET', this.#keys.workflows(), key.name);
    return raw instanceof Buffer ? this.#workflow(key, raw) : undefined;
  }

  async open(key: ParsedKey, range?: S.ByteRange): Promise<S.StoredStream | undefined> {
    const document = await this.get(key);
    if (document === undefined) return undefined;
    const { value, ...entry } = document;
    const { start, end } = clampRange(range, value.byteLength);
    return { ...entry, body: once(value.subarray(start, end)), [Symbol.asyncDispose]: async () => {} };
  }

  async set(key: ParsedKey, value: S.StorageValue, options: S.SetOptions): Promise<string> {
    const limits = { key: key.key, maxBytes: this.#maxValueBytes, chunkBytes: 1_048_576 };
    const measured = new MeasuredValue(value, limits);
    const bytes = await measured.toBuffer();
    const metadata = writtenMetadata(key, options.metadata, { size: measured.size, sha256: measured.sha256() });
    if (key.collection === 'deps') return (await this.#writeDeps(key, options.ifVersion, splitLines(bytes))).version;
    const field = encodeWorkflow(key, bytes, metadata);
    const outcome = await this.#onWorkflow(scripts.writeField, [key.name, options.ifVersion ?? '', field]);
    if (outcome !== 'written') throw conflict(key.key, options.ifVersion ?? '', outcome);
    return sha1(field);
  }

  async delete(key: ParsedKey, ifVersion?: string): Promise<boolean> {
    if (key.collection === 'deps') return (await this.#writeDeps(key, ifVersion, [])).outcome === 'replaced';
    const outcome = await this.#onWorkflow(scripts.deleteField, [key.name, ifVersion ?? '']);
    if (outcome !== 'written' && outcome !== 'nothing') throw conflict(key.key, ifVersion ?? '', outcome);
    return outcome === 'written';
  }

  async list(collection: string, namePrefix: string): Promise<S.StoredEntry[]> {
    if (collection === 'deps') {
      const deps = await this.#getDeps({ key: `deps/${depsName}`, collection, name: depsName, segments: [depsName] });
      return deps && depsName.startsWith(namePrefix) ? [withoutValue(deps)] : [];
    }
    const fields = await scanHash(this.#connection, this.#keys.workflows());
    const found = [...fields].filter(([name]) => name.startsWith(namePrefix) && isValidName(collection, name));
    return found.map(([name, raw]) => {
      const key: ParsedKey = { key: `${collection}/${name}`, collection, name, segments: [name] };
      return orProblem(key.key, raw, raw.byteLength, () => withoutValue(this.#workflow(key, raw)));
    });
  }

  #workflow(key: ParsedKey, raw: Buffer): S.StoredDocument {
    const { source, metadata } = decodeWorkflow(`${this.#keys.workflows()} ${key.name}`, raw);
    return { key: key.key, version: sha1(raw), size: source.byteLength, metadata, value: source };
  }

  async #getDeps(key: ParsedKey): Promise<S.StoredDocument | undefined> {
    const [version, members] = (await this.#connection.run(scripts.readSet, [this.#keys.deps()], [])) as [
      Buffer,
      Buffer[],
    ];
    if (members.length === 0) return undefined;
    const value = Buffer.from(`${members.map(String).sort().join('\n')}\n`);
    return { key: key.key, version: String(version), size: value.byteLength, value };
  }

  async #writeDeps(
    key: ParsedKey,
    ifVersion = '',
    members: string[] = [],
  ): Promise<{ outcome: string; version: string }> {
    const reply = (await this.#connection.run(
      scripts.writeSet,
      [this.#keys.deps()],
      [ifVersion, ...members],
    )) as Buffer[];
    const [outcome, version] = [String(reply[0]), String(reply[1])];
    if (outcome === 'conflict') throw conflict(key.key, ifVersion, version);
    return { outcome, version };
  }

  async #onWorkflow(script: scripts.Script, args: string[]): Promise<string> {
    return String(await this.#connection.run(script, [this.#keys.workflows()], args));
  }
}

function withoutValue({ value: _, ...entry }: S.StoredDocument): S.StoredEntry {
  return entry;
}

/** A set holds no comments, blank lines or order. */
function splitLines(bytes: Buffer): string[] {
  const lines = bytes
    .toString('utf8')
    .split('\n')
    .map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

async function* once(value: Uint8Array): AsyncGenerator<Uint8Array> {
  if (value.byteLength > 0) yield value;
}
