import type { Storage } from '../storage/storage.ts';

/** The program of the processes that `storageConformance` starts: `storage-writer <TestStore.program as JSON>`. */
export type WriterTask = { kind: 'save'; index: number; count: number } | { kind: 'crash'; from: number };
export type WriterMessage = { kind: 'ready' } | { kind: 'saved'; number: number };

/** Bytes that show which number they were made from, and whether they are whole. */
export function contentOf(number: number): Buffer {
  return Buffer.alloc(16 + ((number * 7919) % 60_000), `#${number}\n`);
}

if (process.argv[2] !== undefined && process.send !== undefined && import.meta.url.includes('storage-writer')) {
  await main(process.argv[2]);
}

async function main(program: string): Promise<void> {
  const { module, options } = JSON.parse(program) as { module: string; options: unknown };
  const { openStorage } = (await import(module)) as { openStorage(options: unknown): Storage };
  const storage = openStorage(options);
  process.once('message', async (task: WriterTask) => {
    if (task.kind === 'crash') return await writeUntilKilled(storage, task.from);
    await saveAll(storage, task.index, task.count);
    await storage.close();
    process.disconnect();
  });
  // So that the driver is loaded and connected before the task comes.
  await storage.head('counters/shared');
  tell({ kind: 'ready' });
}

async function saveAll(storage: Storage, index: number, count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    const name = `from-${index}/item-${at}.txt`;
    await storage.set(`artifacts/${name}`, Buffer.from(name), { metadata: { description: name } });
    if (at % 8 === 0) await countUp(storage);
    if (at % 8 === 0) await storage.append('saves', name);
  }
}

async function countUp(storage: Storage): Promise<void> {
  for (;;) {
    const found = await storage.get('counters/shared');
    const value = Buffer.from(`${Number(Buffer.from(found?.value ?? []).toString()) + 1}`);
    try {
      await storage.set('counters/shared', value, { ifVersion: found?.version ?? 'absent' });
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== 'storage_conflict') throw error;
    }
  }
}

async function writeUntilKilled(storage: Storage, from: number): Promise<never> {
  for (let number = from; ; number++) {
    const slot = number % 5;
    const value = contentOf(number);
    const metadata = { description: `${number}` };
    await Promise.all([
      storage.set(`artifacts/crash-${slot}`, value, { metadata }),
      storage.set(`workflows/crash_${slot}`, value, { metadata }),
      storage.set(`private-crash/${slot}`, value),
      storage.append('crashes', `${number}`),
    ]);
    tell({ kind: 'saved', number });
  }
}

function tell(message: WriterMessage): void {
  process.send?.(message);
}
