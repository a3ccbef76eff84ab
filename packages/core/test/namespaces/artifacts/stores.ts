import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import type { RunResult } from '../../../src/run-result.ts';
import { Session } from '../../../src/session.ts';
import type { SessionOptions } from '../../../src/session-options.ts';
import { FileStorage } from '../../../src/storage/file.ts';
import { MemoryStorage } from '../../../src/storage/memory.ts';
import { RedisStorage } from '../../../src/storage/redis.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import { RedisServer } from '../../storage/redis-server.ts';

/** Runs the tests once for each driver; `open` gives the same store each time, but a new one for each name. */
export function describeOnEachStorage(title: string, tests: (open: (name: string) => Storage) => void): void {
  describe(`${title} in memory`, () => {
    const stores = new Map<string, Storage>();
    tests((name) => {
      const store = stores.get(name) ?? new MemoryStorage();
      stores.set(name, store);
      return store;
    });
  });
  describe(`${title} in files`, () => {
    let folder = '';
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'code-mode-artifacts-'));
    });
    afterAll(() => rm(folder, { recursive: true }));
    tests((name) => new FileStorage(join(folder, name)));
  });
  describe(`${title} in Redis`, () => {
    let server: RedisServer;
    beforeAll(async () => {
      server = await RedisServer.start();
    });
    afterAll(() => server.dispose());
    tests((name) => new RedisStorage({ url: server.url, prefix: name }));
  });
}

// A session with another folder for them has another zygote, and a store of files has a folder of its own.
const environments = mkdtempSync(join(tmpdir(), 'code-mode-environments-'));
afterAll(() => rmSync(environments, { recursive: true }));

/** A session for one test; runs code and gives its result, or throws what Python raised. */
export async function withSession<T>(
  options: SessionOptions,
  use: (python: Python, session: Session) => Promise<T>,
): Promise<T> {
  await using session = new Session({ deps: { cacheFolder: environments }, ...options });
  return await use(async (code) => resultOf(await session.run(code)), session);
}

export type Python = (code: string) => Promise<unknown>;

export function resultOf(result: RunResult): unknown {
  if (result.status === 'completed') return result.result;
  throw new Error(
    result.status === 'failed' ? `${result.error.name}: ${result.error.message}` : JSON.stringify(result),
  );
}
