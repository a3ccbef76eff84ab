import { execSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileStorage } from '../../src/storage/file.ts';

let folder: string;
let outside: string;
let storage: FileStorage;
const path = (...parts: string[]) => join(folder, ...parts);
const shell = (command: string) => execSync(command, { stdio: 'ignore' });
const idOf = (name: string) => createHash('sha256').update(name).digest('hex').slice(0, 32);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'code-mode-faults-'));
  outside = await mkdtemp(join(tmpdir(), 'code-mode-outside-'));
  storage = new FileStorage(folder);
  await writeFile(join(outside, 'secret.txt'), 'secret');
  await mkdir(path('artifacts'));
});
afterEach(async () => {
  await storage.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  await rm(outside, { recursive: true });
});

test('a symbolic link in a file’s place is refused, listed with its problem, and can be deleted or replaced', async () => {
  for (const name of ['read.txt', 'replaced.txt']) await symlink(join(outside, 'secret.txt'), path('artifacts', name));
  const message =
    'artifacts/read.txt in the store is a symbolic link, which is never followed; remove it or restore it from a copy.';
  for (const task of [
    storage.get('artifacts/read.txt'),
    storage.head('artifacts/read.txt'),
    storage.open('artifacts/read.txt'),
  ]) {
    await expect(task).rejects.toMatchObject({ code: 'storage_corrupt', message });
  }
  expect((await storage.list('artifacts')).map(({ problem }) => problem?.split(' in ')[0])).toEqual([
    'artifacts/read.txt',
    'artifacts/replaced.txt',
  ]);
  expect(await storage.delete('artifacts/read.txt')).toBe(true);
  await storage.set('artifacts/replaced.txt', Buffer.from('mine'));
  expect(await storage.get('artifacts/replaced.txt')).toMatchObject({ size: 4 });
  expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('secret');
});

test('a symbolic link in a folder’s place is refused, wherever it points', async () => {
  await mkdir(path('artifacts', 'real'));
  await symlink(outside, path('artifacts', 'out'));
  await symlink('real', path('artifacts', 'in'));
  await symlink(outside, path('workflows'));
  const refused = {
    code: 'storage_corrupt',
    message: expect.stringContaining('is a symbolic link, which is never followed'),
  };
  for (const key of ['artifacts/out/secret.txt', 'artifacts/in/x', 'workflows/x'] as const) {
    for (const task of [storage.get(key), storage.set(key, Buffer.from('x')), storage.delete(key)])
      await expect(task).rejects.toMatchObject(refused);
  }
  expect(await readdir(outside)).toEqual(['secret.txt']);
});

test('the store’s own folder may be a link, and links in place of our own folders are refused', async () => {
  await symlink(folder, join(outside, 'link'));
  const linked = new FileStorage(join(outside, 'link'));
  await linked.set('artifacts/x.txt', Buffer.from('x'));
  expect(await readFile(path('artifacts/x.txt'), 'utf8')).toBe('x');
  await linked.close();
  // A lock that was given back may still be on its way from the disk.
  await rm(path('.code-mode'), { recursive: true, maxRetries: 10 });
  await symlink(outside, path('.code-mode'));
  await using other = new FileStorage(folder);
  await expect(other.set('private/x', Buffer.from('x'))).rejects.toMatchObject({ code: 'storage_corrupt' });
});

test('a folder swapped for a link while it is used leads nowhere', async () => {
  await mkdir(path('artifacts', 'dir'));
  await writeFile(path('artifacts', 'dir', 'secret.txt'), 'public');
  await symlink(outside, path('artifacts', 'link'));
  let swapping = true;
  const swap = (async () => {
    const move = (from: string, to: string) => rename(path('artifacts', from), path('artifacts', to)).catch(() => {});
    while (swapping) {
      await move('dir', 'aside');
      await move('link', 'dir');
      await sleep(0);
      await move('dir', 'link');
      await move('aside', 'dir');
    }
  })();
  const seen = new Set<string>();
  for (let round = 0; round < 300; round++) {
    const found = await storage.get('artifacts/dir/secret.txt').catch(({ code }) => code as string);
    seen.add(typeof found === 'string' ? found : found === undefined ? 'absent' : Buffer.from(found.value).toString());
    await storage.delete('artifacts/dir/secret.txt', { ifVersion: 'none' }).catch(() => {});
  }
  swapping = false;
  await swap;
  expect([...seen].filter((text) => !['public', 'absent', 'storage_corrupt'].includes(text))).toEqual([]);
  expect(await readdir(outside)).toEqual(['secret.txt']);
});

test('a FIFO is refused, not waited for', async () => {
  shell(`mkfifo ${path('artifacts', 'fifo')}`);
  await expect(storage.get('artifacts/fifo')).rejects.toMatchObject({
    code: 'storage_corrupt',
    message: 'artifacts/fifo in the store is neither a file nor a folder; remove it or restore it from a copy.',
  });
  expect((await storage.list('artifacts'))[0]?.problem).toContain('artifacts/fifo');
});

test('a name can be a document or a folder, not both', async () => {
  await storage.set('artifacts/a', Buffer.from('x'));
  await expect(storage.set('artifacts/a/b', Buffer.from('x'))).rejects.toMatchObject({ code: 'invalid_name' });
  await storage.set('artifacts/c/d', Buffer.from('x'));
  await expect(storage.set('artifacts/c', Buffer.from('x'))).rejects.toMatchObject({
    code: 'invalid_name',
    message: 'The name "c" is not allowed in artifacts: it is a folder there.',
  });
  expect(await storage.get('artifacts/c')).toBeUndefined();
  expect(await storage.delete('artifacts/c')).toBe(false);
  await storage.delete('artifacts/c/d');
  await storage.set('artifacts/c', Buffer.from('now'));
  await storage.close();
  expect((await readdir(path('artifacts'))).sort()).toEqual(['.artifacts.json', 'a', 'c']);
});

test('what a dead writer left is swept when it is old, and finished when its record was written', async () => {
  const old = new Date(Date.now() - 2 * 3_600_000);
  await storage.set('artifacts/done.txt', Buffer.from('old'), { metadata: { description: 'old' } });
  await storage.set('artifacts/done.txt', Buffer.from('new'), { metadata: { description: 'new' } });
  // As if the writer had died right after its record: the new bytes still have their temporary name.
  const record = JSON.parse(await readFile(path('.code-mode/records/artifacts', `${idOf('done.txt')}.json`), 'utf8'));
  await rename(path('artifacts/done.txt'), path('artifacts', record.staged));
  await writeFile(path('artifacts/done.txt'), 'old');
  const leftovers = [
    path('artifacts', `.code-mode-${idOf('gone')}-00.tmp`),
    path('.code-mode/records/artifacts', `.code-mode-${idOf('gone')}-00.tmp`),
  ];
  for (const file of leftovers) {
    await writeFile(file, 'half');
    await utimes(file, old, old);
  }
  await writeFile(path('artifacts', `.code-mode-${idOf('live')}-01.tmp`), 'someone is writing');
  await using reopened = new FileStorage(folder);
  const found = await reopened.get('artifacts/done.txt');
  expect([Buffer.from(found?.value ?? []).toString(), found?.metadata?.description]).toEqual(['new', 'new']);
  expect((await reopened.list('artifacts')).map(({ key }) => key)).toEqual(['artifacts/done.txt']);
  await reopened.close();
  expect((await readdir(path('artifacts'))).sort()).toEqual([
    '.artifacts.json',
    `.code-mode-${idOf('live')}-01.tmp`,
    'done.txt',
  ]);
  expect(await readdir(path('.code-mode/records/artifacts'))).toEqual([`${idOf('done.txt')}.json`]);
});

test('a half line at the end of a log is passed over and cut off', async () => {
  await storage.append('journal', 'one');
  await storage.append('journal', 'two');
  const file = path('.code-mode/logs/journal/0000000000000001.log');
  await truncate(file, (await stat(file)).size - 2);
  expect((await storage.readLog('journal')).entries.map(({ line }) => line)).toEqual(['one']);
  await storage.append('journal', 'three');
  expect((await storage.readLog('journal')).entries.map(({ id, line }) => [id, line])).toEqual([
    ['1', 'one'],
    ['2', 'three'],
  ]);
});

test('a full disk fails with one error, leaves nothing torn, and is over when there is space again', async ({
  skip,
}) => {
  const disk = path('disk');
  await mkdir(disk);
  try {
    shell(`mount -t tmpfs -o size=2m tmpfs ${disk}`);
  } catch {
    return skip('this user may not mount');
  }
  try {
    await using full = new FileStorage(disk);
    const metadata = { description: 'kept' };
    await full.set('artifacts/kept.bin', Buffer.alloc(500_000, 'k'), { metadata });
    await full.append('journal', 'kept');
    await writeFile(join(disk, 'ballast'), Buffer.alloc(1_400_000)).catch(() => {});
    const refused = {
      code: 'storage_unavailable',
      message: `The store in ${disk} could not be used for artifacts/kept.bin (ENOSPC); free some disk space.`,
    };
    await expect(full.set('artifacts/kept.bin', Buffer.alloc(500_000, 'n'), { metadata })).rejects.toMatchObject(
      refused,
    );
    const kept = await full.get('artifacts/kept.bin');
    expect(Buffer.from(kept?.value ?? []).equals(Buffer.alloc(500_000, 'k'))).toBe(true);
    await expect(
      (async () => {
        for (let at = 0; ; at++) await full.append('journal', `${at} ${'x'.repeat(100_000)}`);
      })(),
    ).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect((await full.readLog('journal')).entries[0]?.line).toBe('kept');
    expect((await readdir(join(disk, 'artifacts'))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await unlink(join(disk, 'ballast'));
    await full.set('artifacts/kept.bin', Buffer.alloc(500_000, 'n'), { metadata });
    await full.append('journal', 'again');
    expect((await full.readLog('journal', { newestFirst: true, limit: 1 })).entries[0]?.line).toBe('again');
  } finally {
    shell(`umount ${disk}`);
  }
});

test('waiting for a lock ends', async () => {
  await using patient = new FileStorage(folder, { lockTimeoutMs: 50 });
  await storage.set('private/x', Buffer.from('1'));
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const other = new DatabaseSync(path('.code-mode/locks/private.lock'));
  other.exec('BEGIN IMMEDIATE');
  await expect(patient.set('private/x', Buffer.from('2'))).rejects.toMatchObject({
    code: 'storage_unavailable',
    message: 'Another process has held the store\'s lock "private" for 50 ms; end it or try again.',
  });
  other.close();
  await patient.set('private/x', Buffer.from('3'));
  expect(await storage.get('private/x')).toMatchObject({ size: 1 });
});

test('the folder may vanish while the store is open', async () => {
  await storage.set('private/x', Buffer.from('1'));
  await rm(folder, { recursive: true });
  expect([await storage.get('private/x'), await storage.list('private')]).toEqual([undefined, []]);
  await storage.set('private/x', Buffer.from('2'));
  expect(Buffer.from((await storage.get('private/x'))?.value ?? []).toString()).toBe('2');
});

test('a path that is no folder is said so', async () => {
  await writeFile(path('file'), '');
  await using wrong = new FileStorage(path('file'));
  await expect(wrong.set('private/x', Buffer.from('1'))).rejects.toMatchObject({ code: 'storage_unavailable' });
});

test('a hard link to a file outside is only a file', async () => {
  await link(join(outside, 'secret.txt'), path('artifacts', 'hard.txt'));
  await storage.set('artifacts/hard.txt', Buffer.from('mine'));
  expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('secret');
});

test('a folder that empties while something is put into it is made again', async () => {
  const rounds = Array.from({ length: 60 }, async (_, at) => {
    await storage.set(`private/deep/folder/${at % 3}`, Buffer.from(`${at}`));
    await storage.delete(`private/deep/folder/${(at + 1) % 3}`);
  });
  await Promise.all(rounds);
  for (const { key } of await storage.list('private')) await storage.delete(key);
  expect(await readdir(path('.code-mode/data/private'))).toEqual([]);
});
