import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Storage } from '../storage/storage.ts';

export function logConformance(current: () => Storage): void {
  const lines = async (log: string, options = {}) =>
    (await current().readLog(log, options)).entries.map(({ line }) => line);

  test('a log gives its lines back in order, page by page, from both ends', async () => {
    const storage = current();
    const ids: string[] = [];
    for (let at = 0; at < 10; at++) ids.push(await storage.append('pages', `{"line":${at},"text":"ü"}`));
    expect(new Set(ids).size).toBe(10);
    const first = await storage.readLog('pages', { limit: 4 });
    expect(first).toMatchObject({
      more: true,
      entries: ids.slice(0, 4).map((id, at) => ({ id, line: `{"line":${at},"text":"ü"}` })),
    });
    const rest = await storage.readLog('pages', { after: ids[3] ?? '' });
    expect([rest.entries.map(({ id }) => id), rest.more]).toEqual([ids.slice(4), false]);
    const newest = await storage.readLog('pages', { newestFirst: true, limit: 3 });
    expect([newest.entries.map(({ id }) => id), newest.more]).toEqual([[ids[9], ids[8], ids[7]], true]);
    const older = await storage.readLog('pages', { newestFirst: true, after: ids[7] ?? '', limit: 100 });
    expect(older.entries.map(({ id }) => id)).toEqual(ids.slice(0, 7).reverse());
    expect(Math.abs((first.entries[0]?.at ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test('a log is trimmed by number and by age, and goes on counting', async () => {
    const storage = current();
    for (let at = 0; at < 6; at++) await storage.append('trimmed', `${at}`);
    await storage.trimLog('trimmed', { keepLast: 4 });
    expect(await lines('trimmed')).toEqual(['2', '3', '4', '5']);
    await sleep(5);
    const before = new Date();
    await storage.append('trimmed', '6');
    await storage.trimLog('trimmed', { before });
    expect(await lines('trimmed')).toEqual(['6']);
    await storage.trimLog('trimmed', { keepLast: 0 });
    expect(await lines('trimmed')).toEqual([]);
    await storage.append('trimmed', '7');
    expect(await lines('trimmed')).toEqual(['7']);
    await storage.trimLog('never-written', { keepLast: 1 });
    expect(await lines('never-written')).toEqual([]);
  });

  test('lines appended at once all arrive, also while the log is trimmed', async () => {
    const storage = current();
    const padding = 'x'.repeat(20_000);
    const appended = Promise.all(Array.from({ length: 200 }, (_, at) => storage.append('busy', `${at} ${padding}`)));
    for (let round = 0; round < 5; round++) await storage.trimLog('busy', { keepLast: 150 });
    await appended;
    const kept = await lines('busy');
    expect(kept.length).toBeGreaterThanOrEqual(150);
    expect(kept).toEqual(Array.from({ length: 200 }, (_, at) => `${at} ${padding}`).slice(-kept.length));
    await storage.trimLog('busy', { keepLast: 3 });
    expect((await lines('busy')).map((line) => line.split(' ')[0])).toEqual(['197', '198', '199']);
  });

  test('a log refuses what it cannot keep', async () => {
    const storage = current();
    await expect(storage.append('bad', 'two\nlines')).rejects.toMatchObject({ code: 'invalid_arguments' });
    await expect(storage.append('bad', 'x'.repeat(1_048_577))).rejects.toMatchObject({ code: 'invalid_arguments' });
    await expect(storage.append('../bad', 'x')).rejects.toMatchObject({ code: 'invalid_name' });
    await expect(storage.readLog('bad', { limit: 0 })).rejects.toMatchObject({ code: 'invalid_arguments' });
    expect(await storage.readLog('bad')).toEqual({ entries: [], more: false });
  });
}
