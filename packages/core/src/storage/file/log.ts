import { closeSync, constants, fdatasync, ftruncateSync, openSync, readdirSync, unlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { privatePrefix } from '../keys.ts';
import type { LogEntry, LogPage, ReadLogOptions } from '../storage.ts';
import { checkLimit, collect } from '../values.ts';
import { openFile, readChunks, readSmallFile, replaceFile, writeAll } from './files.ts';
import type { FileLocks } from './locks.ts';
import { type Folder, ignore, type Tree } from './tree.ts';

/**
 * One log: lines `<number> <ms> <text>` in files named after their first number. The numbers have no gap.
 * `start` holds the first number that counts; trimming writes it, then removes the files that are wholly before it.
 * A half line at the end is what a dead writer left: readers pass over it, the next writer cuts it off.
 */
export class FileLog {
  readonly #name: string;
  readonly #tree: Tree;
  readonly #locks: FileLocks;
  #waiting: WaitingLine[] = [];

  constructor(name: string, tree: Tree, locks: FileLocks) {
    this.#name = name;
    this.#tree = tree;
    this.#locks = locks;
  }

  /** Lines that arrive while one batch is written go out together in the next. */
  append(line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, resolve, reject });
      if (this.#waiting.length === 1) void this.#flush();
    });
  }

  async read(options: ReadLogOptions): Promise<LogPage> {
    const limit = checkLimit(options.limit);
    const after = options.after === undefined ? undefined : Number(options.after);
    const backwards = options.newestFirst ?? false;
    const found: LogEntry[] = [];
    using folder = this.#tree.folder(this.#folder());
    if (folder === undefined) return { entries: [], more: false };
    const start = await readStart(folder);
    const segments = listSegments(folder);
    for (const [at, segment] of backwards ? [...segments.entries()].reverse() : segments.entries()) {
      const next = segments[at + 1] ?? Infinity;
      if (next <= start || (after !== undefined && (backwards ? segment >= after : next <= after + 1))) continue;
      const entries = await readSegment(folder, segment);
      for (const entry of backwards ? entries.reverse() : entries) {
        const id = Number(entry.id);
        if (id < start || (after !== undefined && (backwards ? id >= after : id <= after))) continue;
        if (found.length === limit) return { entries: found, more: true };
        found.push(entry);
      }
    }
    return { entries: found, more: false };
  }

  async trim({ keepLast, before }: { keepLast?: number; before?: Date }): Promise<void> {
    await this.#locks.hold(`log-${this.#name}`, async () => {
      using folder = this.#tree.folder(this.#folder());
      const segments = folder ? listSegments(folder) : [];
      const last = segments.at(-1);
      if (folder === undefined || last === undefined) return;
      const end = (await findEnd(folder, last)).next;
      let start = await readStart(folder);
      if (keepLast !== undefined) start = Math.max(start, end - keepLast);
      if (before !== undefined) start = Math.max(start, await firstSince(folder, segments, before.getTime(), end));
      await replaceFile(folder, 'start', String(start), { id: 'start', sync: true });
      for (const [at, segment] of segments.entries()) {
        const next = segments[at + 1];
        if (next !== undefined && next <= start) ignore(() => unlinkSync(folder.path(segmentName(segment))), 'ENOENT');
      }
    });
  }

  async #flush(): Promise<void> {
    let batch: WaitingLine[] = [];
    const take = () => {
      batch = this.#waiting;
      this.#waiting = [];
      return batch.map(({ line }) => line);
    };
    try {
      const first = await this.#locks.hold(`log-${this.#name}`, () => this.#write(take()));
      for (const [at, { resolve }] of batch.entries()) resolve(String(first + at));
    } catch (error) {
      if (batch.length === 0) take();
      for (const { reject } of batch) reject(error);
    }
  }

  /** Under the lock. Returns the number of the first line. */
  async #write(lines: string[]): Promise<number> {
    using folder = this.#tree.createFolder(this.#folder());
    const segment = listSegments(folder).at(-1) ?? 1;
    const { end, next } = await findEnd(folder, segment);
    const now = Date.now();
    const text = lines.map((line, at) => `${next + at} ${now} ${line}\n`).join('');
    const target = end >= segmentBytes ? next : segment;
    const flags = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
    const descriptor = openSync(folder.path(segmentName(target)), flags, 0o666);
    try {
      await writeAt(descriptor, target === segment ? end : 0, Buffer.from(text));
    } finally {
      closeSync(descriptor);
    }
    if (target !== segment || end === 0) await folder.sync();
    return next;
  }

  #folder(): string[] {
    return [privatePrefix, 'logs', this.#name];
  }
}

interface WaitingLine {
  line: string;
  resolve: (id: string) => void;
  reject: (error: unknown) => void;
}

const segmentBytes = 1_048_576;

async function writeAt(descriptor: number, at: number, data: Buffer): Promise<void> {
  ftruncateSync(descriptor, at);
  try {
    await writeAll(descriptor, data, at);
    await promisify(fdatasync)(descriptor);
  } catch (error) {
    ftruncateSync(descriptor, at);
    throw error;
  }
}

/** Where the last whole line of a file ends, and the number of the line after it. */
async function findEnd(folder: Folder, segment: number): Promise<{ end: number; next: number }> {
  const file = openFile(folder, segmentName(segment));
  if (file === undefined) return { end: 0, next: segment };
  try {
    const size = Number(file.stat.size);
    for (let back = Math.min(size, 4096); back > 0; back = Math.min(size, back * 16)) {
      const tail = await collect(readChunks(file, size - back, size));
      const stop = tail.lastIndexOf(10);
      const start = stop < 1 ? -1 : tail.lastIndexOf(10, stop - 1);
      if (stop >= 0 && (start >= 0 || back === size)) {
        const number = Number.parseInt(tail.toString('latin1', start + 1, stop), 10);
        return { end: size - back + stop + 1, next: number + 1 };
      }
      if (back === size) break;
    }
    return { end: 0, next: segment };
  } finally {
    closeSync(file.descriptor);
  }
}

async function readSegment(folder: Folder, segment: number): Promise<LogEntry[]> {
  const data = (await readSmallFile(folder, segmentName(segment))) ?? Buffer.alloc(0);
  const lines = data.toString('utf8', 0, data.lastIndexOf(10) + 1).split('\n');
  return lines.flatMap((text) => {
    const [, id, at, line] = /^(\d+) (\d+) (.*)$/s.exec(text) ?? [];
    return id === undefined || line === undefined ? [] : [{ id, at: Number(at), line }];
  });
}

async function firstSince(folder: Folder, segments: number[], time: number, end: number): Promise<number> {
  for (const segment of segments) {
    const young = (await readSegment(folder, segment)).find(({ at }) => at >= time);
    if (young !== undefined) return Number(young.id);
  }
  return end;
}

async function readStart(folder: Folder): Promise<number> {
  return Number(await readSmallFile(folder, 'start')) || 1;
}

function listSegments(folder: Folder): number[] {
  const names = readdirSync(folder.path());
  return names.flatMap((name) => (/^\d{16}\.log$/.test(name) ? [Number.parseInt(name, 10)] : [])).sort((a, b) => a - b);
}

function segmentName(first: number): string {
  return `${String(first).padStart(16, '0')}.log`;
}
