import { expect, test } from 'vitest';
import type { Storage, StorageChanges } from '../storage/storage.ts';
import type { TestStore } from './storage-conformance.ts';

/** What is new in a collection is told, whoever wrote it. */
export function changesConformance(current: () => { store: TestStore; storage: Storage }): void {
  test('tells what is new in a collection, to each reader from where it left off', async () => {
    const { storage } = current();
    const first = await changed(storage, 'news');
    expect([first.keys, first.changed]).toEqual([[], []]);
    const one = await storage.set('news/b', Buffer.from('1'), { metadata: { title: 'one' } });
    const second = await changed(storage, 'news', first.stamp);
    expect(second).toMatchObject({
      keys: ['news/b'],
      changed: [{ key: 'news/b', version: one, size: 1, metadata: { title: 'one' } }],
    });
    await storage.set('news/a', Buffer.from('22'));
    await storage.delete('news/b');
    const third = await changed(storage, 'news', second.stamp);
    expect([third.keys, third.changed.map(({ key }) => key)]).toEqual([['news/a'], ['news/a']]);
    const late = await changed(storage, 'news', first.stamp);
    expect([late.keys, late.changed]).toEqual([third.keys, third.changed]);
    await storage.set('news/c/d', Buffer.from('3'));
    const fourth = await changed(storage, 'news', third.stamp);
    expect(fourth.keys).toEqual(['news/a', 'news/c/d']);
    expect(fourth.changed).toContainEqual(expect.objectContaining({ key: 'news/c/d', size: 1 }));
  });

  test.each(['workflows/stamp', 'artifacts/stamp', 'private-news/stamp', 'deps/requirements.txt'] as const)(
    'says at some time that nothing is new in the collection of %s',
    async (key) => {
      const { storage } = current();
      const collection = key.slice(0, key.indexOf('/'));
      await storage.set(key, Buffer.from('numpy\n'));
      const known = await changed(storage, collection);
      expect(known.keys).toContain(key);
      await untilQuiet(storage, collection, known.stamp);
      await storage.delete(key);
      expect((await changed(storage, collection, known.stamp)).keys).not.toContain(key);
    },
    120_000,
  );

  test('tells what another handle and another program wrote, also when size and moment are the same', async ({
    skip,
  }) => {
    const { store, storage } = current();
    if (store.overwrite === undefined) return skip('nothing outside can write to it');
    await using other = store.open();
    await other.set('workflows/foreign', Buffer.from('async def run(): return 100\n'));
    let { stamp, keys } = await changed(storage, 'workflows');
    expect(keys).toContain('workflows/foreign');
    for (let round = 101; round < 140; round++) {
      const text = `async def run(): return ${round}\n`;
      if (round % 2 === 0) await other.set('workflows/foreign', Buffer.from(text));
      else await store.overwrite('workflows/foreign', text);
      const news = await changed(storage, 'workflows', stamp);
      const found = await storage.get('workflows/foreign');
      expect(Buffer.from(found?.value ?? []).toString()).toBe(text);
      expect(news.changed.find(({ key }) => key === 'workflows/foreign')?.version).toBe(found?.version);
      ({ stamp } = news);
    }
  });
}

async function changed(storage: Storage, collection: string, since?: string): Promise<StorageChanges> {
  const changes = await storage.changes(collection, since);
  expect(changes).toBeDefined();
  return changes as StorageChanges;
}

/** A driver may have to look again at what has just been written before it is sure. */
async function untilQuiet(storage: Storage, collection: string, stamp: string): Promise<void> {
  for (let since = stamp; ; ) {
    const changes = await storage.changes(collection, since);
    if (changes === undefined) return;
    since = changes.stamp;
  }
}
