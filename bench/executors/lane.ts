import { setTimeout as sleep } from 'node:timers/promises';
import { defineTool, Session } from '@code-mode/core';
import { SubprocessExecutor, type SubprocessExecutorOptions } from '@code-mode/core/executors/subprocess';
import { descendants, memoryOf } from '../kernel/memory.ts';

/** One way to keep kernels, measured beside the others. */
export class Lane {
  readonly label: string;
  readonly #options: SubprocessExecutorOptions;
  #executor: SubprocessExecutor;
  #warm: Session;

  constructor(label: string, options: SubprocessExecutorOptions) {
    this.label = label;
    this.#options = options;
    this.#executor = new SubprocessExecutor(options);
    this.#warm = this.#session();
  }

  /** Everything up that sessions share. */
  async start(): Promise<void> {
    await this.#answer(this.#warm);
  }

  async isolation(): Promise<string> {
    const { level, layers } = await this.#executor.isolation();
    const on = Object.keys(layers).filter((name) => layers[name]?.state === 'on');
    return `isolation ${level}; layers on: ${on.join(', ')}`;
  }

  /** A new executor to the first answer. */
  async firstSession(): Promise<number> {
    await using executor = new SubprocessExecutor(this.#options);
    await using session = this.#session(executor);
    return await elapsed(() => this.#answer(session));
  }

  async freshSession(): Promise<number> {
    await using session = this.#session();
    return await elapsed(() => this.#answer(session));
  }

  /** As agents come: not right after one another. */
  async freshSessionAfterPause(): Promise<number> {
    await sleep(30);
    return this.freshSession();
  }

  async burst(): Promise<number> {
    const sessions = Array.from({ length: 20 }, () => this.#session());
    const ms = await elapsed(() => Promise.all(sessions.map((session) => this.#answer(session))));
    await Promise.all(sessions.map((session) => session.close()));
    return ms;
  }

  async close(): Promise<number> {
    const session = this.#session();
    await this.#answer(session);
    return elapsed(() => session.close());
  }

  warmRun(): Promise<number> {
    return elapsed(() => this.#answer(this.#warm));
  }

  /** For each of 100 calls, less an empty run. */
  async call(): Promise<number> {
    const empty = await this.warmRun();
    return Math.max(0, (await elapsed(() => this.#warm.run('for n in range(100): tools.echo(value=n)'))) - empty) / 100;
  }

  /** Bytes of private memory of an idle session, its helper included. */
  async memory(): Promise<number> {
    const sessions = Array.from({ length: 20 }, () => this.#session());
    // A zygote keeps a place ready for the next session; it belongs to no one yet.
    const before = descendants(process.pid);
    await Promise.all(sessions.map((session) => this.#answer(session)));
    await sleep(500);
    const added = descendants(process.pid, before);
    const bytes = memoryOf(added).privateDirty / sessions.length;
    await Promise.all(sessions.map((session) => session.close()));
    return bytes;
  }

  async end(): Promise<void> {
    await this.#warm.close();
    await this.#executor.close();
  }

  #session(executor = this.#executor): Session {
    return new Session({ executor, tools: [echo] });
  }

  async #answer(session: Session): Promise<void> {
    const result = await session.run('1+1');
    if (result.status !== 'completed' || result.result !== 2) throw new Error(JSON.stringify(result));
  }
}

const echo = defineTool({
  name: 'echo',
  description: 'Gives the value back.',
  input: { type: 'object', properties: { value: { type: 'number' } }, required: ['value'] },
  execute: ({ value }: { value: number }) => value,
});

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
