import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { CodeModeError } from '../../errors.ts';
import { privatePrefix } from '../keys.ts';
import type { Tree } from './tree.ts';

/**
 * Locks between processes: SQLite's write lock on an empty database file, taken and given back without writing anything.
 * The operating system drops it when its holder dies, however it dies, so there is no stale lock to detect or to break.
 */
export class FileLocks {
  readonly #tree: Tree;
  readonly #timeoutMs: number;
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #open = new Map<string, { database: DatabaseSync; path: string; inode: bigint }>();

  constructor(tree: Tree, timeoutMs: number) {
    this.#tree = tree;
    this.#timeoutMs = timeoutMs;
  }

  async hold<T>(name: string, task: () => Promise<T>): Promise<T> {
    // Waiters of this process stand in line here, so that only one of them asks the operating system.
    const turn = (this.#queues.get(name) ?? Promise.resolve()).then(() => this.#run(name, task));
    const settled = turn.catch(() => {});
    this.#queues.set(name, settled);
    void settled.then(() => this.#queues.get(name) === settled && this.#queues.delete(name));
    return turn;
  }

  async close(): Promise<void> {
    await Promise.all(this.#queues.values());
    for (const { database } of this.#open.values()) database.close();
    this.#open.clear();
  }

  async #run<T>(name: string, task: () => Promise<T>): Promise<T> {
    const database = await this.#acquire(name);
    try {
      return await task();
    } finally {
      database.exec('ROLLBACK');
    }
  }

  async #acquire(name: string): Promise<DatabaseSync> {
    const deadline = performance.now() + this.#timeoutMs;
    for (let attempt = 0; ; attempt++) {
      const database = this.#database(name);
      try {
        database.exec('BEGIN IMMEDIATE');
        if (this.#isCurrent(name)) return database;
        database.exec('ROLLBACK');
      } catch (error) {
        if ((error as { errcode?: number }).errcode !== sqliteBusy) throw error;
      }
      if (performance.now() > deadline) {
        const message = `Another process has held the store's lock "${name}" for ${this.#timeoutMs} ms; end it or try again.`;
        throw new CodeModeError('storage_unavailable', message, { details: { lock: name } });
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(2 ** attempt, 10)));
    }
  }

  #database(name: string): DatabaseSync {
    const opened = this.#open.get(name);
    if (opened !== undefined && this.#isCurrent(name)) return opened.database;
    opened?.database.close();
    this.#open.delete(name);
    using folder = this.#tree.createFolder([privatePrefix, 'locks']);
    const path = join(folder.realPath, `${name}.lock`);
    const database = new (loadSqlite().DatabaseSync)(path, { timeout: 0 });
    // Otherwise taking the lock would write a journal file.
    database.exec('PRAGMA journal_mode = MEMORY');
    this.#open.set(name, { database, path, inode: statSync(path, { bigint: true }).ino });
    return database;
  }

  /** Whether the file that is open is still the one at its place; someone may have emptied the folder. */
  #isCurrent(name: string): boolean {
    const opened = this.#open.get(name);
    return opened !== undefined && statSync(opened.path, { bigint: true, throwIfNoEntry: false })?.ino === opened.inode;
  }
}

const sqliteBusy = 5;

/** Node 22 and 24 warn on first use that SQLite is experimental; what we use of it has not changed since. */
function loadSqlite(): typeof import('node:sqlite') {
  const emit = process.emitWarning;
  process.emitWarning = () => {};
  try {
    const sqlite = process.getBuiltinModule('node:sqlite') as typeof import('node:sqlite') | undefined;
    if (sqlite !== undefined) return sqlite;
  } finally {
    process.emitWarning = emit;
  }
  throw new CodeModeError(
    'unsupported_feature',
    'FileStorage needs the SQLite of Node 22.13 or newer; use another storage here.',
  );
}
