import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Session } from '../../../src/session.ts';
import { FileStorage } from '../../../src/storage/file.ts';
import { liveBytes } from '../../../src/testing/live-bytes.ts';
import { resultOf, withSession } from './stores.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'code-mode-artifacts-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('100 MB go in and out without being held twice, on either side', { timeout: 600_000 }, async () => {
  await using storage = new FileStorage(join(folder, 'large'));
  await withSession({ storage, limits: { timeoutMs: 500_000 } }, async (python) => {
    await python('1');
    const before = liveBytes();
    let peak = before;
    const watch = setInterval(() => (peak = Math.max(peak, liveBytes())), 200);
    const [savedMb, loadedMb, same] = (await python(`
import hashlib, os, resource
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
data = os.urandom(1 << 20) * 100
before = peak()
entry = artifacts.save("large", data)
saved = peak()
loaded = artifacts.load("large")
[saved - before, peak() - saved, loaded == data and entry.hash == hashlib.sha256(data).hexdigest() and entry.size == len(data)]`)) as [
      number,
      number,
      boolean,
    ];
    clearInterval(watch);
    expect(same).toBe(true);
    expect(savedMb).toBeLessThan(20);
    // The loaded value itself is 100 MB.
    expect(loadedMb).toBeLessThan(130);
    expect((peak - before) / 1e6).toBeLessThan(50);
  });
});

it('a large save is one call in the record, and so is a large load', async () => {
  await using storage = new FileStorage(join(folder, 'record'));
  await using session = new Session({ storage, limits: { timeoutMs: 120_000 } });
  const result = await session.run('artifacts.save("x", "y" * 5_000_000); len(artifacts.load("x"))');
  expect(resultOf(result)).toBe(5_000_000);
  expect(result.calls.map(({ name, status }) => `${name} ${status}`)).toEqual([
    'artifacts.save completed',
    'artifacts.load completed',
  ]);
});

it('a save that dies in the middle leaves nothing, whatever it dies of', async () => {
  const path = join(folder, 'dying');
  await using storage = new FileStorage(path);
  await using session = new Session({ storage, limits: { timeoutMs: 120_000 } });
  const { artifacts } = session;
  await artifacts.save('kept', 'old');
  const dying = {
    'its data cannot be saved to the end': 'artifacts.save("kept", "x" * 3_000_000 + "\\ud800")',
    'the run is killed':
      'import os, threading\nthreading.Timer(0.05, lambda: os.kill(os.getpid(), 9)).start()\nwhile True: artifacts.save("kept", bytes(50_000_000)); artifacts.delete("kept"); artifacts.save("kept", "old")',
  };
  await expect(artifacts.save('kept', failing())).rejects.toThrow('the source is gone');
  expect((await session.run(dying['its data cannot be saved to the end'])).status).toBe('failed');
  expect(await artifacts.load('kept')).toBe('old');
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 300);
  const aborted = await session.run('while True: artifacts.save("new", bytes(200_000_000))', { signal: stop.signal });
  expect(aborted.status).toBe('interrupted');
  expect((await session.run(dying['the run is killed'])).status).toBe('crashed');
  await session.close();
  const files = (await readdir(join(path, 'artifacts'))).filter((name) => name.endsWith('.tmp'));
  expect(files).toEqual([]);
});

it('a session has its limits', async () => {
  await using storage = new FileStorage(join(folder, 'limits'));
  await using session = new Session({ storage, limits: { artifactBytes: 3_000_000, artifactSaves: 3 } });
  const run = async (code: string) => resultOf(await session.run(code));
  await expect(run('artifacts.save("x", bytes(4_000_000))')).rejects.toThrow(
    'CallLimitError: This session may save 3000000 bytes of artifacts (limits.artifactBytes), and this save would go beyond.',
  );
  expect(await run('artifacts.exists("x")')).toBe(false);
  await run('artifacts.save("a", ""); artifacts.save("b", "")');
  await expect(run('artifacts.save("c", "")')).rejects.toThrow(
    'CallLimitError: This session has saved 3 artifacts, which is its limit (limits.artifactSaves); put more into each.',
  );
});

async function* failing(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(2_000_000);
  throw new Error('the source is gone');
}
