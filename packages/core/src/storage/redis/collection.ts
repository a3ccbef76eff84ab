import { CodeModeError } from '../../errors.ts';
import { isValidName, type ParsedKey, type StorageKey } from '../keys.ts';
import type * as S from '../storage.ts';
import type { RedisConnection } from './connection.ts';
import { corruptField, sha1 } from './layout.ts';

/** The documents of one collection in Redis. */
export interface RedisCollection {
  /** The key that every change writes to. */
  readonly indexKey: string;
  get(key: ParsedKey): Promise<S.StoredDocument | undefined>;
  head(key: ParsedKey): Promise<S.StoredEntry | undefined>;
  open(key: ParsedKey, range?: S.ByteRange): Promise<S.StoredStream | undefined>;
  set(key: ParsedKey, value: S.StorageValue, options: S.SetOptions): Promise<string>;
  delete(key: ParsedKey, ifVersion?: string): Promise<boolean>;
  /** What is under the index key: names in order, each with what `entries` needs. */
  scan(): Promise<Scanned>;
  entries(scanned: Scanned): Promise<S.StoredEntry[]>;
}

export type Scanned = ReadonlyMap<string, Buffer>;

/** The fields of a hash whose names are allowed in the collection. */
export async function scanHash(connection: RedisConnection, key: string, collection: string): Promise<Scanned> {
  const found = new Map<string, Buffer>();
  let cursor = '0';
  do {
    const [next, fields] = (await connection.command('HSCAN', key, cursor, 'COUNT', 1000)) as [Buffer, Buffer[]];
    for (let at = 0; at + 1 < fields.length; at += 2) {
      const name = String(fields[at]);
      if (isValidName(collection, name)) found.set(name, fields[at + 1] ?? corruptScan(key));
    }
    cursor = String(next);
  } while (cursor !== '0');
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** In a list, an entry that cannot be read says so and the others are still there. */
export function orProblem(key: StorageKey, raw: Buffer, size: number, read: () => S.StoredEntry): S.StoredEntry {
  try {
    return read();
  } catch (error) {
    if (!CodeModeError.isInstance(error)) throw error;
    return { key, version: sha1(raw), size, problem: error.message };
  }
}

function corruptScan(key: string): never {
  throw corruptField(key, 'gave half an entry');
}
