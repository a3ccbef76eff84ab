import type { ParsedKey } from '../keys.ts';
import type * as S from '../storage.ts';
import { conflict } from '../values.ts';
import { orProblem, type Scanned, scanHash } from './collection.ts';
import type { RedisConnection } from './connection.ts';
import { decodeWorkflow, encodeWorkflow, type RedisKeys, sha1 } from './layout.ts';
import * as scripts from './scripts.ts';
import { WholeDocuments, withoutValue } from './whole-documents.ts';

/** Workflows: one hash, each field the JSON of a workflow with its source. */
export class RedisWorkflows extends WholeDocuments {
  readonly indexKey: string;
  readonly #connection: RedisConnection;

  constructor(connection: RedisConnection, keys: RedisKeys, maxValueBytes: number) {
    super(maxValueBytes);
    this.#connection = connection;
    this.indexKey = keys.workflows();
  }

  async get(key: ParsedKey): Promise<S.StoredDocument | undefined> {
    const raw = await this.#connection.command('HGET', this.indexKey, key.name);
    return raw instanceof Buffer ? this.#decode(key, raw) : undefined;
  }

  async delete(key: ParsedKey, ifVersion = ''): Promise<boolean> {
    const outcome = await this.#run(scripts.deleteField, [key.name, ifVersion]);
    if (outcome !== 'written' && outcome !== 'nothing') throw conflict(key.key, ifVersion, outcome);
    return outcome === 'written';
  }

  async scan(): Promise<Scanned> {
    return await scanHash(this.#connection, this.indexKey, 'workflows');
  }

  async entries(scanned: Scanned): Promise<S.StoredEntry[]> {
    return [...scanned].map(([name, raw]) => {
      const key: ParsedKey = { key: `workflows/${name}`, collection: 'workflows', name, segments: [name] };
      return orProblem(key.key, raw, raw.byteLength, () => withoutValue(this.#decode(key, raw)));
    });
  }

  protected async write(
    key: ParsedKey,
    value: Buffer,
    metadata: S.Metadata | undefined,
    ifVersion: string,
  ): Promise<string> {
    const field = encodeWorkflow(key, value, metadata);
    const outcome = await this.#run(scripts.writeField, [key.name, ifVersion, field]);
    if (outcome !== 'written') throw conflict(key.key, ifVersion, outcome);
    return sha1(field);
  }

  #decode(key: ParsedKey, raw: Buffer): S.StoredDocument {
    const { source, metadata } = decodeWorkflow(`${this.indexKey} ${key.name}`, raw);
    return { key: key.key, version: sha1(raw), size: source.byteLength, metadata, value: source };
  }

  async #run(script: scripts.Script, args: string[]): Promise<string> {
    return String(await this.#connection.run(script, [this.indexKey], args));
  }
}
