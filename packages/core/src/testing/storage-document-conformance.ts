import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Storage, StoredContent } from '../storage/storage.ts';
import { collect } from '../storage/values.ts';
import { liveBytes } from './live-bytes.ts';

/** Documents go in and come out whole. */
export function documentCases(current: () => { storage: Storage }): void {
  const keys = [
    'workflows/fetch_rows',
    'artifacts/reports/q1 final.csv',
    'artifacts/Übersicht.txt',
    'private-notes/a/b',
  ] as const;
  const metadata = {
    description: 'What it is',
    created_at: '2026-01-02T03:04:05.000006+00:00',
    metadata: { rows: [1, null] },
    own: { by: 'me' },
  };

  test.each(keys)('gives back what was stored under %s', async (key) => {
    const { storage } = current();
    const value = Buffer.from('def run():\r\n  return "ü"\n');
    const version = await storage.set(key, value, { metadata });
    const expected = { key, version, size: value.byteLength, metadata: expect.objectContaining(metadata) };
    expect(await storage.get(key)).toEqual({ ...expected, value: expect.anything() });
    expect(Buffer.from((await storage.get(key))?.value ?? [])).toEqual(value);
    expect(await storage.head(key)).toEqual(expected);
    expect(await storage.list(key)).toEqual([expected]);
    expect(await storage.delete(key)).toBe(true);
    expect(await storage.delete(key)).toBe(false);
    expect([await storage.get(key), await storage.head(key), await storage.open(key)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(await storage.list(key)).toEqual([]);
  });

  test('asks for metadata when it knows size and hash, also of a stream', async () => {
    const { storage } = current();
    const metadata = (content: StoredContent) => ({ note: `${content.size} ${content.sha256.slice(0, 8)}` });
    async function* parts() {
      yield Buffer.from('a');
      yield Buffer.from('bc');
    }
    for (const value of [Buffer.from('abc'), parts()]) {
      await storage.set('private-notes/measured', value, { metadata });
      expect((await storage.get('private-notes/measured'))?.metadata).toEqual({ note: '3 ba7816bf' });
    }
  });

  test('keeps every byte, and nothing at all', async () => {
    const { storage } = current();
    const all = Uint8Array.from({ length: 512 }, (_, at) => at % 256);
    await storage.set('artifacts/all.bin', all);
    expect([...((await storage.get('artifacts/all.bin'))?.value ?? [])]).toEqual([...all]);
    await storage.set('artifacts/all.bin', new Uint8Array());
    expect((await storage.get('artifacts/all.bin'))?.value.byteLength).toBe(0);
    expect(await storage.list('artifacts/all.bin')).toMatchObject([{ size: 0 }]);
  });

  test('what was given or taken stays independent of the store', async () => {
    const { storage } = current();
    const [value, meta] = [Buffer.from('abc'), { description: 'before' }];
    await storage.set('artifacts/own.txt', value, { metadata: meta });
    value.write('xyz');
    meta.description = 'after';
    (await storage.get('artifacts/own.txt'))?.value.fill(0);
    const kept = await storage.get('artifacts/own.txt');
    expect([Buffer.from(kept?.value ?? []).toString(), kept?.metadata?.description]).toEqual(['abc', 'before']);
  });

  test('deps are one document of lines without metadata', async () => {
    const { storage } = current();
    const version = await storage.set(
      'deps/requirements.txt',
      Buffer.from('numpy==2\npandas>=2,<3; python_version>"3"\n'),
    );
    const kept = await storage.get('deps/requirements.txt');
    expect([Buffer.from(kept?.value ?? []).toString(), kept?.version]).toEqual([
      'numpy==2\npandas>=2,<3; python_version>"3"\n',
      version,
    ]);
    expect(await storage.list('deps')).toEqual([{ key: 'deps/requirements.txt', version, size: 42 }]);
    await expect(
      storage.set('deps/requirements.txt', Buffer.from('a\n'), { metadata: { a: 1 } }),
    ).rejects.toMatchObject({ code: 'invalid_arguments' });
    await expect(
      storage.set('deps/requirements.txt', Buffer.from('a\n'), { ifVersion: 'absent' }),
    ).rejects.toMatchObject({ code: 'storage_conflict' });
    expect(await storage.delete('deps/requirements.txt', { ifVersion: version })).toBe(true);
    expect(await storage.list('deps')).toEqual([]);
  });

  test('lists by prefix, sorted, and only the collection asked for', async () => {
    const { storage } = current();
    for (const name of ['tree/b/2', 'tree/a', 'tree/b/1', 'treehouse'])
      await storage.set(`listing/${name}`, Buffer.from(name));
    const list = async (prefix: string) => (await storage.list(prefix)).map(({ key }) => key.slice('listing/'.length));
    expect(await list('listing')).toEqual(['tree/a', 'tree/b/1', 'tree/b/2', 'treehouse']);
    expect(await list('listing/tree/')).toEqual(['tree/a', 'tree/b/1', 'tree/b/2']);
    expect(await list('listing/tree/b')).toEqual(['tree/b/1', 'tree/b/2']);
    expect(await list('listing/nothing')).toEqual([]);
    expect(await storage.list('never-used')).toEqual([]);
  });

  test('streams large values in and out, whole and in part, holding little of them', async () => {
    const { storage } = current();
    const mebibytes = 32;
    let peak = 0;
    const before = liveBytes();
    const measureAt = new Set([5, 30, 45, 60].map((at) => at * 1_048_576));
    let passed = 0;
    const measure = (bytes: number) => {
      passed += bytes;
      if (measureAt.delete(passed)) peak = Math.max(peak, liveBytes() - before);
    };
    const [sent, received] = [createHash('sha256'), createHash('sha256')];
    async function* produce() {
      // One buffer for all chunks, as some sources have it.
      const chunk = Buffer.alloc(1_048_576);
      for (let at = 0; at < mebibytes; at++) {
        sent.update(chunk.fill(at + 1));
        yield chunk;
        measure(chunk.byteLength);
      }
    }
    await storage.set('artifacts/large.bin', produce(), { metadata: { description: 'large' } });
    await using stream = await storage.open('artifacts/large.bin');
    for await (const chunk of stream?.body ?? []) {
      received.update(chunk);
      measure(chunk.byteLength);
    }
    expect(stream).toMatchObject({ size: mebibytes * 1_048_576, metadata: { description: 'large' } });
    expect(received.digest('hex')).toBe(sent.digest('hex'));
    expect(measureAt.size).toBe(0);
    if (storage.features.durable !== 'no') expect(peak).toBeLessThan(16 * 1_048_576);
    await using part = await storage.open('artifacts/large.bin', { start: 1_048_575, end: 1_048_578 });
    expect(part && (await collect(part.body))).toEqual(Buffer.from([1, 2, 2]));
    await storage.delete('artifacts/large.bin');
  }, 120_000);

  test('a stream that fails or is too large leaves what was there', async () => {
    const { storage } = current();
    await storage.set('artifacts/kept.bin', Buffer.from('old'));
    async function* failing() {
      for (let at = 0; at < 4; at++) yield Buffer.alloc(1_000_000);
      throw new RangeError('out of luck');
    }
    await expect(storage.set('artifacts/kept.bin', failing())).rejects.toThrow(new RangeError('out of luck'));
    expect(Buffer.from((await storage.get('artifacts/kept.bin'))?.value ?? []).toString()).toBe('old');
    expect(await storage.list('artifacts/kept')).toHaveLength(1);
  });

  test('a document replaced while it is read is never mixed', async () => {
    const { storage } = current();
    await storage.set('artifacts/swap.bin', Buffer.alloc(3_000_000, 'a'));
    await using stream = await storage.open('artifacts/swap.bin');
    const read = (async () => {
      let text = '';
      for await (const chunk of stream?.body ?? []) {
        text += Buffer.from(chunk).toString();
        if (text.length <= 1_048_576) await storage.set('artifacts/swap.bin', Buffer.alloc(3_000_000, 'b'));
      }
      return text;
    })();
    const outcome = await read.then(
      (text) => text === 'a'.repeat(3_000_000),
      (error) => error.code === 'storage_conflict',
    );
    expect(outcome).toBe(true);
  });
}
