import { CodeModeError } from './errors.ts';
import { checkPositive } from './limits.ts';
import { Session } from './session.ts';
import type { SessionOptions } from './session-options.ts';
import type { Tool, ToolSource } from './tool-sources/tool.ts';

/** Whose session is meant: the name of a conversation, or an object that stands for one that has no name. */
export type SessionKey = string | object;

/** What all sessions of a pool are made of, and how long they stay. */
export interface SessionPoolOptions extends SessionOptions {
  /** How long a session stays after its last run, in ms. @defaultValue 900_000 */
  idleMs?: number;
  /** Sessions open at once. One more closes the one that was not used for longest. @defaultValue 100 */
  maxSessions?: number;
  /** Options for one conversation, over the others: a `storage` or a `user` of its own, for example. */
  sessionOptions?(key: string): SessionOptions;
}

/** Keys whose loss is remembered. */
const KEPT_LOSSES = 10_000;

/**
 * A session for each conversation, so that two users never share variables. A session is made at the first call with its
 * key and closed when it was idle for `idleMs`, or when `maxSessions` are open and another one is needed; never while it
 * runs or waits for an approval.
 */
export class SessionPool implements AsyncDisposable {
  /** The host's own: it has the same tools and storage, and no conversation gets it. */
  readonly session: Session;
  readonly #options: SessionOptions;
  readonly #sessionOptions: (key: string) => SessionOptions;
  readonly #idleMs: number;
  readonly #maxSessions: number;
  /** Least recently used first. */
  readonly #open = new Map<SessionKey, { session: Session; timer: NodeJS.Timeout }>();
  /** Keys whose session was closed by the pool: their next one has lost the variables. */
  readonly #losses = new Set<string>();
  readonly #replacements = new WeakSet<Session>();
  readonly #endings = new Set<Promise<void>>();
  #closing: Promise<void> | undefined;

  /** @throws CodeModeError `invalid_options` */
  constructor(options: SessionPoolOptions = {}) {
    const { idleMs = 900_000, maxSessions = 100, sessionOptions = () => ({}), ...shared } = options;
    checkPositive('idleMs', idleMs);
    checkPositive('maxSessions', maxSessions, Number.MAX_SAFE_INTEGER);
    this.#idleMs = idleMs;
    this.#maxSessions = maxSessions;
    this.#sessionOptions = sessionOptions;
    // Every session reads them, so they must not be used up by the first.
    const tools: (Tool | ToolSource)[] = [...(options.tools ?? [])];
    this.#options = { ...shared, tools };
    this.session = new Session(this.#options);
  }

  /** Sessions of conversations that are open. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * The session of a conversation, made if there is none. Begin the run at once: an idle session may be closed later.
   * @throws CodeModeError `session_key_missing`, `too_many_sessions`, `session_closed`
   */
  acquire(key: SessionKey | undefined): Session {
    checkKey(key);
    if (this.#closing) throw new CodeModeError('session_closed', 'The session pool is closed. Make a new SessionPool.');
    const entry = this.#open.get(key) ?? this.#add(key);
    // To the end of the line.
    this.#open.delete(key);
    this.#open.set(key, entry);
    entry.timer.refresh();
    return entry.session;
  }

  /** The session of a conversation, if it is open. @throws CodeModeError `session_key_missing` */
  find(key: SessionKey | undefined): Session | undefined {
    checkKey(key);
    return this.#open.get(key)?.session;
  }

  /** Whether a session replaces one of the same conversation that the pool closed. Told once. */
  takeLoss(session: Session): boolean {
    return this.#replacements.delete(session);
  }

  /** Ends a conversation: its session is closed, whatever it does. */
  async release(key: SessionKey): Promise<void> {
    if (typeof key === 'string') this.#losses.delete(key);
    await this.#remove(key);
  }

  /** Closes every session. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    for (const key of [...this.#open.keys()]) void this.#remove(key);
    await Promise.all([...this.#endings, this.session.close()]);
  }

  #add(key: SessionKey): { session: Session; timer: NodeJS.Timeout } {
    if (this.#open.size >= this.#maxSessions) this.#makeRoom();
    const own = typeof key === 'string' ? this.#sessionOptions(key) : {};
    const options = { ...this.#options, ...own };
    // A session that was closed still tells how its run ended, and its timer must not meet the next one.
    const isOpen = () => this.#open.get(key)?.session === session;
    const session = new Session({
      ...options,
      onEvent: (event) => {
        if (event.type === 'run-end' && isOpen()) timer.refresh();
        options.onEvent?.(event);
      },
    });
    const timer = setTimeout(() => {
      if (session.idle) void this.#evict(key);
      else timer.refresh();
    }, this.#idleMs);
    timer.unref();
    if (typeof key === 'string' && this.#losses.delete(key)) this.#replacements.add(session);
    return { session, timer };
  }

  #makeRoom(): void {
    for (const [key, { session }] of this.#open) {
      if (!session.idle) continue;
      void this.#evict(key);
      return;
    }
    throw new CodeModeError(
      'too_many_sessions',
      `All ${this.#maxSessions} sessions of the pool run code or wait for an approval (maxSessions). Try again later.`,
    );
  }

  async #evict(key: SessionKey): Promise<void> {
    if (typeof key === 'string') {
      this.#losses.add(key);
      const [oldest] = this.#losses;
      if (this.#losses.size > KEPT_LOSSES && oldest !== undefined) this.#losses.delete(oldest);
    }
    await this.#remove(key);
  }

  /** Never rejects: a tool source that does not close is told as a warning. */
  async #remove(key: SessionKey): Promise<void> {
    const entry = this.#open.get(key);
    if (!entry) return;
    this.#open.delete(key);
    clearTimeout(entry.timer);
    const ending = entry.session
      .close()
      .catch((error: unknown) => {
        this.#options.onEvent?.({ type: 'warning', message: `A session did not close: ${String(error)}` });
      })
      .finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
    await ending;
  }
}

/** @throws CodeModeError `session_key_missing` */
function checkKey(key: SessionKey | undefined): asserts key is SessionKey {
  if ((typeof key === 'object' && key !== null) || typeof key === 'function') return;
  if (typeof key === 'string' && key.trim() !== '') return;
  throw new CodeModeError(
    'session_key_missing',
    `This call does not say which conversation it belongs to, so it could reach somebody else's session: its session key is ${JSON.stringify(key) ?? 'undefined'}. See the adapter's \`sessionKey\`.`,
  );
}
