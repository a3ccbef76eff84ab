import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Storage } from '../storage/storage.ts';
import type { TestStore } from './storage-conformance.ts';
import { contentOf, type WriterMessage, type WriterTask } from './storage-writer.ts';

/** Several processes on one store, some of them killed. */
export function processConformance(current: () => { store: TestStore; storage: Storage }): void {
  test('writers killed in the middle of a write lose no finished one', async ({ skip }) => {
    const { store, storage } = current();
    if (!storage.features.shared) return skip('it is not shared');
    const rounds = 50;
    const ready = [startWriter(store), startWriter(store), startWriter(store)];
    const finished: number[] = [];
    let next = 1;
    for (let round = 0; round < rounds; round++) {
      if (round < rounds - 3) ready.push(startWriter(store));
      const writer = await ready.shift();
      if (writer === undefined) throw new Error('no writer');
      const acknowledged = await writer.killDuring({ kind: 'crash', from: next }, (round * 37) % 29);
      finished.push(...acknowledged);
      next = (finished.at(-1) ?? 0) + 2;
      await using reopened = store.open();
      await checkStore(reopened, finished, next);
    }
    expect(finished.length).toBeGreaterThanOrEqual(rounds);
  }, 300_000);

  test('eight processes with 200 saves each lose none of 1,600', async ({ skip }) => {
    const { store, storage } = current();
    if (!storage.features.shared) return skip('it is not shared');
    const writers = await Promise.all(Array.from({ length: 8 }, () => startWriter(store)));
    await Promise.all(writers.map((writer, index) => writer.finish({ kind: 'save', index, count: 200 })));
    const saved = await storage.list('artifacts/from-');
    expect(saved).toHaveLength(1600);
    expect(saved.filter(({ key, metadata }) => key !== `artifacts/${metadata?.description}`)).toEqual([]);
    expect(Buffer.from((await storage.get('counters/shared'))?.value ?? []).toString()).toBe('200');
    const log = (await storage.readLog('saves', { limit: 2000 })).entries.map(({ line }) => line);
    expect(new Set(log).size).toBe(200);
  }, 300_000);
}

async function checkStore(storage: Storage, finished: number[], next: number): Promise<void> {
  const listed = await storage.list('artifacts/crash-');
  expect(listed.filter(({ problem }) => problem !== undefined)).toEqual([]);
  for (const kind of ['artifacts/crash-', 'workflows/crash_', 'private-crash/'] as const) {
    for (let slot = 0; slot < 5; slot++) {
      const last = finished.filter((number) => number % 5 === slot).at(-1);
      const found = await storage.get(`${kind}${slot}`);
      if (found === undefined) {
        expect(last).toBeUndefined();
        continue;
      }
      const number = Number.parseInt(Buffer.from(found.value.subarray(1, 20)).toString(), 10);
      expect(Buffer.from(found.value).equals(contentOf(number))).toBe(true);
      expect(found.metadata?.description ?? `${number}`).toBe(`${number}`);
      expect(number % 5).toBe(slot);
      expect(number).toBeGreaterThanOrEqual(last ?? 0);
      expect(number).toBeLessThan(next);
    }
  }
  const log = (await storage.readLog('crashes', { limit: 100_000 })).entries.map(({ line }) => Number(line));
  expect(finished.filter((number) => !log.includes(number))).toEqual([]);
}

interface Writer {
  finish(task: WriterTask): Promise<void>;
  /** The numbers that were acknowledged before it was killed. */
  killDuring(task: WriterTask, afterMs: number): Promise<number[]>;
}

async function startWriter(store: TestStore): Promise<Writer> {
  const program = new URL(import.meta.url.replace(/storage-process-conformance(\.\w+)$/, 'storage-writer$1'));
  // Most of a writer's life would otherwise be the compiling of its modules.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'code-mode-compile-cache') };
  const child = fork(program, [JSON.stringify(store.program)], { execArgv: [], env });
  const acknowledged: number[] = [];
  child.on('message', (message: WriterMessage) => {
    if (message.kind === 'saved') acknowledged.push(message.number);
  });
  await once(child, 'message');
  return {
    async finish(task) {
      child.send(task);
      expect(await exitOf(child)).toEqual([0, null]);
    },
    async killDuring(task, afterMs) {
      const exited = exitOf(child);
      child.send(task);
      await Promise.race([once(child, 'message'), exited]);
      await sleep(afterMs);
      child.kill('SIGKILL');
      expect(await exited).toEqual([null, 'SIGKILL']);
      return acknowledged;
    },
  };
}

async function exitOf(child: ChildProcess): Promise<unknown[]> {
  return await once(child, 'close');
}
