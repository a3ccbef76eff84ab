import type { Sight } from '../change-log.ts';
import type { StoredEntry } from '../storage.ts';
import type { RedisCollection, Scanned } from './collection.ts';
import { sha1 } from './layout.ts';
import type { RedisWatch } from './watch.ts';

/** Looks at a collection, and reads it again only when its key has changed. */
export function redisLook(collection: RedisCollection, watch: RedisWatch): () => Promise<Sight> {
  let known: { generation: number; marks: Sight['marks'] } | undefined;
  return async () => {
    const generation = await watch.generation(collection.indexKey);
    if (generation !== undefined && generation === known?.generation) {
      const entries: Sight['entries'] = async (names) => await entriesOf(collection, names, await collection.scan());
      return { marks: known.marks, entries };
    }
    const scanned = await collection.scan();
    const marks = new Map([...scanned].map(([name, raw]) => [name, sha1(raw)]));
    known = generation === undefined ? undefined : { generation, marks };
    return { marks, entries: async (names) => await entriesOf(collection, names, scanned) };
  };
}

async function entriesOf(collection: RedisCollection, names: string[], scanned: Scanned): Promise<StoredEntry[]> {
  const wanted = names.flatMap((name): [string, Buffer][] => {
    const raw = scanned.get(name);
    return raw === undefined ? [] : [[name, raw]];
  });
  return await collection.entries(new Map(wanted));
}
