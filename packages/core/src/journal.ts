import { CodeModeError } from './errors.ts';
import type { SessionEvent } from './events.ts';
import { EntryMaker, type JournalEntry, UNRECORDED } from './journal-entry.ts';
import { SECRET_KEYS } from './redact.ts';
import type { Storage } from './storage/storage.ts';

export interface JournalOptions {
  /** Entries kept, of all sessions of the store. @defaultValue 100_000; 1_000 in a storage that keeps nothing */
  maxEntries?: number;
  /** @defaultValue 90 */
  maxAgeDays?: number;
  /** Keys whose values are left out, beside the built-in pattern of passwords, tokens and the like. */
  redact?: RegExp;
}

export interface ReadJournalOptions {
  /** Continue behind this id. */
  after?: string;
  /** @defaultValue 100 */
  limit?: number;
  /** Only the entries of this run. */
  runId?: string;
}

export interface JournalPage {
  entries: JournalEntry[];
  /** Pass it as `after` to go on; absent at the end. */
  next?: string;
}

const LOG = 'journal';
const MAX_LINE_BYTES = 65_536;
/** Entries that wait for a storage that fails; the oldest are dropped beyond, and the next entry says how many. */
const MAX_WAITING = 10_000;
const RETRY_MS = 1_000;
/** What comes within this time is written together: a write costs more than a short run. */
const WRITE_MS = 50;
/** How often the limits are enforced, in entries. */
const TRIM_EVERY = 1_000;
const DAY_MS = 86_400_000;

/** What was done in the sessions of a store: runs, calls, decisions, saves. Written behind the session's back, in order. */
export class Journal {
  readonly #storage: Storage;
  readonly #who: { who: string; sessionId: string };
  readonly #limits: { maxEntries: number; maxAgeDays: number };
  readonly #maker: EntryMaker;
  readonly #warn: (message: string) => void;
  #events: { at: number; event: SessionEvent }[] = [];
  #waiting: string[] = [];
  #dropped = 0;
  #number = 0;
  #sinceTrim = 0;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryAt = 0;
  #failing = false;

  /** @throws CodeModeError `invalid_options` */
  constructor(
    storage: Storage,
    {
      sessionId,
      user,
      options,
      warn,
    }: { sessionId: string; user: string | undefined; options: JournalOptions; warn: (message: string) => void },
  ) {
    this.#storage = storage;
    this.#who = { who: user ?? sessionId, sessionId };
    this.#limits = limitsOf(options, storage);
    this.#maker = new EntryMaker(
      options.redact ? new RegExp(`${SECRET_KEYS.source}|${options.redact.source}`, 'i') : SECRET_KEYS,
    );
    this.#warn = warn;
  }

  /** Records an event. Returns at once; never throws. */
  record(event: SessionEvent): void {
    if (UNRECORDED.has(event.type)) return;
    // What the entry says is worked out when it is written, off the path of the run.
    this.#events.push({ at: Date.now(), event });
    this.#timer ??= setTimeout(() => this.#write(), Math.max(WRITE_MS, this.#retryAt - performance.now()));
  }

  /** Oldest first, of all sessions of the store. What this session did so far is in it. @throws CodeModeError */
  async read({ after, limit = 100, runId }: ReadJournalOptions = {}): Promise<JournalPage> {
    if (!(Number.isSafeInteger(limit) && limit > 0))
      throw new CodeModeError('invalid_options', `limit must be a positive whole number, not ${limit}.`);
    await this.flush();
    const entries: JournalEntry[] = [];
    let last = after;
    for (;;) {
      const page = await this.#storage.readLog(LOG, {
        ...(last !== undefined && { after: last }),
        limit: runId === undefined ? limit : 1_000,
      });
      for (const line of page.entries) {
        if (entries.length === limit) return { entries, ...(last !== undefined && { next: last }) };
        last = line.id;
        const entry = parseEntry(line.id, line.at, line.line);
        if (entry !== undefined && (runId === undefined || entry.runId === runId)) entries.push(entry);
      }
      if (!page.more) return { entries };
      if (entries.length === limit && last !== undefined) return { entries, next: last };
    }
  }

  /** Waits until everything recorded is written; without it that takes a moment. What cannot be written is told as a warning and tried again later. */
  async flush(): Promise<void> {
    await this.#writing;
    this.#write();
    await this.#writing;
  }

  /** The last try. */
  async close(): Promise<void> {
    await this.flush();
    if (this.#waiting.length > 0)
      this.#warn(
        `${this.#waiting.length + this.#dropped} entries of the journal were lost: the storage could not take them.`,
      );
    else await this.#trim().catch(() => {});
  }

  #makeEntries(): void {
    for (const { at, event } of this.#events.splice(0)) {
      const fields = this.#maker.fields(event);
      if (fields !== undefined) this.#add(at, fields);
    }
    const excess = this.#waiting.length - MAX_WAITING;
    if (excess <= 0) return;
    this.#waiting.splice(0, excess);
    this.#dropped += excess;
  }

  #add(at: number, fields: { kind: string }): void {
    this.#waiting.push(lineOf({ at, ...this.#who, number: ++this.#number, ...fields }));
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#makeEntries();
    if (this.#writing || this.#waiting.length === 0) return;
    this.#writing = this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#dropped > 0) {
        const dropped = this.#dropped;
        this.#dropped = 0;
        const gap = { kind: 'journal-gap', entries: dropped };
        this.#add(Date.now(), gap);
      }
      const batch = this.#waiting.splice(0, 256);
      // At once, because drivers write together what comes together.
      const results = await Promise.allSettled(batch.map((line) => this.#storage.append(LOG, line)));
      const failed = results.findIndex(({ status }) => status === 'rejected');
      if (failed >= 0) {
        this.#waiting = [...batch.filter((_, at) => results[at]?.status === 'rejected'), ...this.#waiting];
        this.#retryAt = performance.now() + RETRY_MS;
        this.#failed((results[failed] as PromiseRejectedResult).reason);
        return;
      }
      this.#failing = false;
      this.#sinceTrim += batch.length;
      if (this.#sinceTrim >= TRIM_EVERY) await this.#trim().catch((error: unknown) => this.#failed(error));
    }
  }

  async #trim(): Promise<void> {
    this.#sinceTrim = 0;
    const { maxEntries, maxAgeDays } = this.#limits;
    await this.#storage.trimLog(LOG, { keepLast: maxEntries, before: new Date(Date.now() - maxAgeDays * DAY_MS) });
  }

  /** Told once per outage. */
  #failed(reason: unknown): void {
    if (this.#failing) return;
    this.#failing = true;
    this.#warn(
      `The journal could not be written: ${reason instanceof Error ? reason.message : String(reason)} It is tried again.`,
    );
  }
}

function limitsOf(
  { maxEntries, maxAgeDays = 90 }: JournalOptions,
  storage: Storage,
): { maxEntries: number; maxAgeDays: number } {
  const limits = { maxEntries: maxEntries ?? (storage.features.durable === 'no' ? 1_000 : 100_000), maxAgeDays };
  for (const [name, value] of Object.entries(limits)) {
    if (typeof value === 'number' && value > 0) continue;
    throw new CodeModeError('invalid_options', `journal.${name} must be a positive number, got ${String(value)}.`);
  }
  return limits;
}

/** One line of JSON, whatever the entry holds: JSON escapes line breaks, and U+2028 and U+2029 are escaped here. */
function lineOf(entry: { kind: string; [field: string]: unknown }): string {
  const line = JSON.stringify(entry).replace(/[\u2028\u2029]/g, (char) => (char === '\u2028' ? '\\u2028' : '\\u2029'));
  if (line.length <= MAX_LINE_BYTES / 3 || Buffer.byteLength(line) <= MAX_LINE_BYTES) return line;
  const kept = Object.entries(entry).filter(([, value]) => typeof value !== 'object');
  return JSON.stringify({ ...Object.fromEntries(kept), cut: `${line.length} characters were too many for an entry` });
}

/** Lines that are no entries of ours are passed over. */
function parseEntry(id: string, at: number, line: string): JournalEntry | undefined {
  try {
    const value = JSON.parse(line) as Partial<JournalEntry> | null;
    if (typeof value !== 'object' || value === null || typeof value.kind !== 'string') return undefined;
    return { at, ...value, id } as JournalEntry;
  } catch {
    return undefined;
  }
}
