import { randomUUID } from 'node:crypto';
import { CodeModeError, type Session, type SessionPool } from '@code-mode/core';
import { Kernels } from './ipython/kernels.ts';

/** Clients that are remembered when nothing tells their end. */
const MAX_CLIENTS = 1_000;

/** Who uses the server. A client is a connection, or over stateless HTTP whoever knows the id of its session. */
export class Clients {
  readonly #sessions: SessionPool;
  /** Those without a connection, least recently used first. */
  readonly #clients = new Map<string, Client>();

  constructor(sessions: SessionPool) {
    this.#sessions = sessions;
  }

  /** A client with a connection, which tells its end. */
  open(): Client {
    return new Client(this.#sessions);
  }

  /** A client without one, to be found again by its id. The one that was idle for longest makes room. */
  openById(): Client {
    const client = this.open();
    this.#clients.set(client.id, client);
    if (this.#clients.size <= MAX_CLIENTS) return client;
    const idle = [...this.#clients.values()].find((each) => each !== client && each.idle);
    if (idle) void this.close(idle);
    return client;
  }

  /** @throws CodeModeError `session_key_missing` for an id that nobody was given */
  find(id: string): Client {
    const client = this.#clients.get(id);
    if (!client)
      throw new CodeModeError(
        'session_key_missing',
        `There is no session ${JSON.stringify(id)}, or it was idle for too long. Leave session_id out to get a new one.`,
      );
    this.#clients.delete(id);
    this.#clients.set(id, client);
    return client;
  }

  /** Ends the client's sessions, whatever they do. */
  async close(client: Client): Promise<void> {
    this.#clients.delete(client.id);
    await client.close();
  }
}

/** One client and its sessions: a main one, further kernels, and one that no model's code has touched. */
export class Client {
  readonly id: string = randomUUID();
  readonly sessions: SessionPool;
  readonly kernels: Kernels;
  readonly #keys = new Set<string>();

  constructor(sessions: SessionPool) {
    this.sessions = sessions;
    this.kernels = new Kernels(this);
  }

  /** Names a session in the pool. */
  key(name: string): string {
    const key = `${this.id}/${name}`;
    this.#keys.add(key);
    return key;
  }

  session(name: string): Session {
    return this.sessions.acquire(this.key(name));
  }

  /** Whether none of its sessions runs anything or waits for an approval. */
  get idle(): boolean {
    return this.openSessions().every((session) => session.idle);
  }

  /** Those that have been used and are open. */
  openSessions(): Session[] {
    return [...this.#keys].flatMap((key) => this.sessions.find(key) ?? []);
  }

  async release(name: string): Promise<void> {
    const key = this.key(name);
    this.#keys.delete(key);
    await this.sessions.release(key);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#keys].map((key) => this.sessions.release(key)));
  }
}
