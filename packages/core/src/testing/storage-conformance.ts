import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Storage } from '../storage/storage.ts';
import { changesConformance } from './storage-changes-conformance.ts';
import { documentCases } from './storage-document-conformance.ts';
import { logConformance } from './storage-log-conformance.ts';
import { processConformance } from './storage-process-conformance.ts';

/** One store that a driver's test made for one suite. */
export interface TestStore {
  /** A new handle on the same store, or for a driver that shares nothing, a new store. */
  open(options?: { workspaceId?: string }): Storage;
  /** How another process opens it: a module with `openStorage(options)`. Given exactly when `features.shared`. */
  program?: { module: string; options: unknown };
  /** Makes one entry unreadable and returns what the error has to name. Given exactly when `features.shared`. */
  damage?(key: 'workflows/broken'): Promise<string>;
  /** Writes to an entry as another program does that knows the layout. Given exactly when `features.shared`. */
  overwrite?(key: 'workflows/foreign', text: string): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * What every storage driver has to do. Call it at the top of a test file.
 * @param options.processes whether several processes write at once and are killed, which takes seconds. @defaultValue true
 */
export function storageConformance(
  name: string,
  create: () => Promise<TestStore>,
  { processes = true }: { processes?: boolean } = {},
): void {
  describe(`${name}: the storage contract`, () => {
    let store: TestStore;
    let storage: Storage;
    beforeAll(async () => {
      store = await create();
      storage = store.open();
    });
    afterAll(async () => {
      await storage.close();
      await store.dispose();
    });
    const current = () => ({ store, storage });
    documentCases(current);
    compareAndSetCases(current);
    nameCases(current);
    featureCases(current);
    changesConformance(current);
    logConformance(() => storage);
    if (processes) processConformance(current);
  });
}

type Current = () => { store: TestStore; storage: Storage };

function compareAndSetCases(current: Current): void {
  test.each(['workflows/cas', 'artifacts/cas.txt', 'private-cas/x'] as const)(
    'writes %s only over the version that was read',
    async (key) => {
      const { storage } = current();
      const first = await storage.set(key, Buffer.from('1'), { ifVersion: 'absent', metadata: { description: 'one' } });
      await expect(storage.set(key, Buffer.from('x'), { ifVersion: 'absent' })).rejects.toMatchObject({
        code: 'storage_conflict',
        message: `${key} was changed by someone else (expected absent, found ${first}); read it again and repeat the change.`,
        details: { key, expected: 'absent', actual: first },
      });
      const second = await storage.set(key, Buffer.from('1'), { ifVersion: first, metadata: { description: 'two' } });
      expect(second).not.toBe(first);
      expect(await storage.get(key)).toMatchObject({ version: second, metadata: { description: 'two' } });
      await expect(storage.set(key, Buffer.from('x'), { ifVersion: first })).rejects.toMatchObject({
        code: 'storage_conflict',
      });
      await expect(storage.delete(key, { ifVersion: first })).rejects.toMatchObject({ code: 'storage_conflict' });
      expect(await storage.delete(key, { ifVersion: second })).toBe(true);
      await expect(storage.set(key, Buffer.from('x'), { ifVersion: second })).rejects.toMatchObject({
        message: `${key} was changed by someone else (expected ${second}, found absent); read it again and repeat the change.`,
      });
    },
  );

  test('of many that compare at once, one wins', async () => {
    const { storage } = current();
    const first = await storage.set('private-cas/race', Buffer.from('start'));
    const tries = Array.from({ length: 20 }, (_, at) =>
      storage.set('private-cas/race', Buffer.from(`${at}`), { ifVersion: first }),
    );
    const results = await Promise.allSettled(tries);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    expect(Buffer.from((await storage.get('private-cas/race'))?.value ?? []).toString()).toBe(`${winner}`);
  });
}

function nameCases(current: Current): void {
  const bad = [
    'artifacts/',
    'artifacts',
    'artifacts/../e',
    'artifacts/a/../../e',
    'artifacts//etc/passwd',
    'artifacts/.',
    'artifacts/a/',
    'artifacts/a\\..\\b',
    'artifacts/a\0b',
    'artifacts/a\nb',
    `artifacts/${'x'.repeat(300)}`,
    `artifacts/${'a/'.repeat(20)}b`,
    'artifacts/\ud800',
    'artifacts/.artifacts.json',
    'artifacts/.ARTIFACTS.json',
    'artifacts/__index__',
    'artifacts/.code-mode/x',
    'artifacts/x/.Code-Mode-y',
    'workflows/a-b',
    'workflows/a b',
    'workflows/1a',
    'workflows/_a',
    'workflows/../x',
    'workflows/a/b',
    'workflows/é',
    'deps/other.txt',
    'Upper/x',
    '../x',
    '/x',
    '',
  ];
  test.each(bad.map((key) => [key.slice(0, 40), key]))('refuses the name %j in one form', async (_, key) => {
    const { storage } = current();
    const refused = {
      code: 'invalid_name',
      message: expect.stringMatching(/^The name ".*" is not allowed in [a-zA-Z-]+: .*\.$/),
    };
    const name = key as 'x/y';
    for (const task of [
      storage.get(name),
      storage.head(name),
      storage.open(name),
      storage.set(name, Buffer.from('x')),
      storage.delete(name),
    ]) {
      await expect(task).rejects.toMatchObject(refused);
    }
  });

  test('takes composed and decomposed letters for the same name', async () => {
    const { storage } = current();
    await storage.set('artifacts/cafe\u0301.txt', Buffer.from('x'));
    expect(await storage.head('artifacts/caf\u00e9.txt')).toMatchObject({ key: 'artifacts/caf\u00e9.txt' });
  });

  test('names that mean something to JavaScript are only names', async () => {
    const { storage } = current();
    for (const name of ['__proto__', 'constructor', 'toString']) {
      await storage.set(`artifacts/js/${name}`, Buffer.from(name), { metadata: { description: name } });
      expect(await storage.get(`artifacts/js/${name}`)).toMatchObject({ metadata: { description: name } });
    }
    expect((await storage.list('artifacts/js/')).map(({ metadata }) => metadata?.description)).toEqual([
      '__proto__',
      'constructor',
      'toString',
    ]);
  });

  test.each(['', '../x', 'a/b', 'a b', 'x'.repeat(129)])('refuses the workspace %j', (workspaceId) => {
    const { store } = current();
    expect(() => store.open({ workspaceId })).toThrow(expect.objectContaining({ code: 'invalid_name' }));
  });
}

function featureCases(current: Current): void {
  test('a second handle sees the same store exactly when the driver says so', async () => {
    const { store, storage } = current();
    await storage.set('artifacts/shared.txt', Buffer.from('x'), { metadata: { description: 'seen' } });
    await storage.append('shared', 'line');
    await using other = store.open();
    const seen = [
      (await other.get('artifacts/shared.txt'))?.metadata?.description,
      (await other.readLog('shared')).entries.length,
    ];
    expect(seen).toEqual(storage.features.shared ? ['seen', 1] : [undefined, 0]);
    for (const given of [store.program, store.damage, store.overwrite])
      expect(given !== undefined).toBe(storage.features.shared);
  });

  test('workspaces see neither each other nor the store without one', async () => {
    const { store, storage } = current();
    await using one = store.open({ workspaceId: 'one' });
    await using two = store.open({ workspaceId: 'two' });
    const all = { plain: storage, one, two };
    for (const [name, handle] of Object.entries(all)) {
      for (const key of ['workflows/where', 'artifacts/where.txt', 'scoped/where'] as const)
        await handle.set(key, Buffer.from(name));
      await handle.set('deps/requirements.txt', Buffer.from(`${name}\n`));
      await handle.append('where', name);
    }
    for (const [name, handle] of Object.entries(all)) {
      expect(handle.workspaceId).toBe(name === 'plain' ? undefined : name);
      for (const key of ['workflows/where', 'artifacts/where.txt', 'scoped/where', 'deps/requirements.txt'] as const) {
        expect(
          Buffer.from((await handle.get(key))?.value ?? [])
            .toString()
            .trim(),
        ).toBe(name);
      }
      expect((await handle.readLog('where')).entries.map(({ line }) => line)).toEqual([name]);
    }
    expect((await one.list('artifacts')).map(({ key }) => key)).toEqual(['artifacts/where.txt']);
    await one.delete('artifacts/where.txt');
    expect([await storage.head('artifacts/where.txt'), await two.head('artifacts/where.txt')]).toEqual([
      expect.anything(),
      expect.anything(),
    ]);
  });

  test('one broken entry is told, and the others are still there', async ({ skip }) => {
    const { store, storage } = current();
    if (store.damage === undefined) return skip('nothing outside can break it');
    await storage.set('workflows/broken', Buffer.from('def run(): pass'));
    await storage.set('workflows/sound', Buffer.from('def run(): pass'));
    const named = await store.damage('workflows/broken');
    await expect(storage.get('workflows/broken')).rejects.toMatchObject({
      code: 'storage_corrupt',
      message: expect.stringContaining(named),
    });
    const listed = await storage.list('workflows');
    expect(listed.find(({ key }) => key === 'workflows/sound')).not.toHaveProperty('problem');
    expect(listed.find(({ key }) => key === 'workflows/broken')?.problem).toContain(named);
    await storage.set('workflows/broken', Buffer.from('def run(): return 1'));
    expect(await storage.get('workflows/broken')).toMatchObject({ size: 19 });
  });
}
