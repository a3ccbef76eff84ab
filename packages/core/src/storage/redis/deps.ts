import { depsName, type ParsedKey } from '../keys.ts';
import type * as S from '../storage.ts';
import { conflict } from '../values.ts';
import type { Scanned } from './collection.ts';
import type { RedisConnection } from './connection.ts';
import type { RedisKeys } from './layout.ts';
import * as scripts from './scripts.ts';
import { WholeDocuments, withoutValue } from './whole-documents.ts';

/** The requirements: one document, kept as a set of its lines. */
export class RedisDeps extends WholeDocuments {
  readonly indexKey: string;
  readonly #connection: RedisConnection;

  constructor(connection: RedisConnection, keys: RedisKeys, maxValueBytes: number) {
    super(maxValueBytes);
    this.#connection = connection;
    this.indexKey = keys.deps();
  }

  async get({ key }: Pick<ParsedKey, 'key'>): Promise<S.StoredDocument | undefined> {
    const reply = await this.#connection.run(scripts.readSet, [this.indexKey], []);
    const [version, members] = reply as [Buffer, Buffer[]];
    if (members.length === 0) return undefined;
    const value = Buffer.from(`${members.map(String).sort().join('\n')}\n`);
    return { key, version: String(version), size: value.byteLength, value };
  }

  async delete(key: ParsedKey, ifVersion = ''): Promise<boolean> {
    return (await this.#replace(key, [], ifVersion)).outcome === 'replaced';
  }

  async scan(): Promise<Scanned> {
    const found = await this.get({ key: documentKey });
    return new Map(found && [[depsName, Buffer.from(found.version)]]);
  }

  async entries(scanned: Scanned): Promise<S.StoredEntry[]> {
    const found = scanned.size === 0 ? undefined : await this.get({ key: documentKey });
    return found ? [withoutValue(found)] : [];
  }

  protected async write(key: ParsedKey, value: Buffer, _: unknown, ifVersion: string): Promise<string> {
    return (await this.#replace(key, linesOf(value), ifVersion)).version;
  }

  async #replace(key: ParsedKey, members: string[], ifVersion: string): Promise<{ outcome: string; version: string }> {
    const reply = await this.#connection.run(scripts.writeSet, [this.indexKey], [ifVersion, ...members]);
    const [outcome = '', version = ''] = (reply as Buffer[]).map(String);
    if (outcome === 'conflict') throw conflict(key.key, ifVersion, version);
    return { outcome, version };
  }
}

const documentKey = `deps/${depsName}` as const;

/** A set holds no comments, blank lines or order. */
function linesOf(bytes: Buffer): string[] {
  const lines = bytes.toString('utf8').split('\n');
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}
