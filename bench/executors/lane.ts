import { setTimeout as sleep } from 'node:timers/promises';
import { defineTool, type Executor, type IsolationReport, Session } from '@code-mode/core';
import { descendants, memoryOf } from '../kernel/memory.ts';

/** An executor, and the process that all of its processes descend from. */
export interface Subject {
  executor: Executor & { isolation(): Promise<IsolationReport> };
  root(): Promise<number>;
}

/** One way to keep kernels, measured beside the others. */
export class Lane {
  readonly label: string;
  readonly #make: () => Subject;
  readonly #subject: Subject;
  readonly #warm: Session;

  constructor(label: string, make: () => Subject) {
    this.label = label;
    this.#make = make;
    this.#subject = make();
    this.#warm = this.#session();
  }

  /** Everything up that sessions share. */
  async start(): Promise<void> {
    await this.#answer(this.#warm);
  }

  async isolation(): Promise<string> {
    const { level, layers } = await this.#subject.executor.isolation();
    const on = Object.keys(layers).filter((name) => layers[name]?.state === 'on');
    return `isolation ${level}; layers on: ${on.join(', ')}`;
  }

  /** A new executor to the first answer. */
  async firstSession(): Promise<number> {
    const { executor } = this.#make();
    try {
      await using session = this.#session(executor);
      return await elapsed(() => this.#answer(session));
    } finally {
      await executor.close();
    }
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

  /** Until the last of so many sessions has answered, and bytes of private memory of each when they are idle, its helper included. */
  async alive(count: number): Promise<[ms: number, bytes: number]> {
    const root = await this.#subject.root();
    const sessions = Array.from({ length: count }, () => this.#session());
    // A zygote keeps a place ready for the next session; it belongs to no one yet.
    const before = descendants(root);
    const waiting = sessions.values();
    const openInTurn = async () => {
      for (const session of waiting) await this.#answer(session);
    };
    const ms = await elapsed(() => Promise.all(Array.from({ length: AT_ONCE }, openInTurn)));
    await sleep(500);
    const bytes = memoryOf(descendants(root, before)).privateDirty / count;
    await Promise.all(sessions.map((session) => session.close()));
    return [ms, bytes];
  }

  async end(): Promise<void> {
    await this.#warm.close();
    await this.#subject.executor.close();
  }

  #session(executor = this.#subject.executor): Session {
    return new Session({ executor, tools: [echo] });
  }

  async #answer(session: Session): Promise<void> {
    const result = await session.run('1+1');
    if (result.status !== 'completed' || result.result !== 2) throw new Error(JSON.stringify(result));
  }
}

/** As many sessions as start at the same time where many are wanted: a start that takes too long is given up. */
const AT_ONCE = 50;

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
