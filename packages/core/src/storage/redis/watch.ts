import type { DedicatedClient, RedisConnection } from './connection.ts';

/**
 * Tells whether keys have changed, whoever wrote to them, by one short question. A connection of its own WATCHes them, and
 * the server notes on it that one of them was written to: the flag `d` in what `CLIENT INFO` says.
 */
export class RedisWatch {
  readonly #connection: RedisConnection;
  readonly #keys = new Set<string>();
  #client: DedicatedClient | undefined;
  #generation = 0;
  #closed = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  /**
   * Another number than before when the key may have changed. `undefined` where nobody can tell: on a cluster, before
   * Redis 6.2, without the right to ask.
   */
  async generation(key: string): Promise<number | undefined> {
    const turn = this.#turn.then(() => this.#ask(key));
    this.#turn = turn.catch(() => {});
    return await turn;
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  async #ask(key: string): Promise<number | undefined> {
    const isNew = this.#client === undefined || !this.#keys.has(key);
    this.#keys.add(key);
    this.#client ??= await this.#connection.dedicated();
    if (this.#closed) this.#drop();
    const client = this.#client;
    if (client === undefined) return undefined;
    try {
      if (isNew || / flags=\w*d/.test(String(await client.callBuffer('CLIENT', 'INFO')))) {
        await client.callBuffer('UNWATCH');
        // Nobody closes it who passed a client of his own and closes that one.
        client.stream?.unref?.();
        await client.callBuffer('WATCH', ...this.#keys);
        this.#generation++;
      }
      return this.#generation;
    } catch {
      // It is asked anew the next time. What is wrong with Redis, the command that reads from it says.
      this.#drop();
      return undefined;
    }
  }

  #drop(): void {
    this.#client?.disconnect();
    this.#client = undefined;
  }
}
