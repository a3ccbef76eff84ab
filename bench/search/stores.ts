import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStorage, type Storage } from '@code-mode/core';
import { FileStorage } from '@code-mode/core/storage/file';
import { RedisStorage } from '@code-mode/core/storage/redis';
import { RedisServer } from '../../packages/core/test/storage/redis-server.ts';

/** An empty store, and how a handle on it is opened. */
export interface BenchStore extends AsyncDisposable {
  open(): Storage;
}

/** By driver. Redis runs on this machine, started here. */
export const stores: Record<string, () => Promise<BenchStore>> = {
  memory: async () => ({ open: () => new MemoryStorage(), [Symbol.asyncDispose]: async () => {} }),
  file: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'code-mode-bench-'));
    const dispose = async () => rmSync(folder, { recursive: true });
    return { open: () => new FileStorage(folder), [Symbol.asyncDispose]: dispose };
  },
  redis: async () => {
    const server = await RedisServer.start();
    const dispose = async () => await server.dispose();
    return { open: () => new RedisStorage({ url: server.url }), [Symbol.asyncDispose]: dispose };
  },
};
