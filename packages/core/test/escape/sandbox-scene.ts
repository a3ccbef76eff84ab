import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Executor } from '../../src/executors/executor.ts';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';
import { processNamed } from '../executors/processes.ts';
import type { Attempt } from './attempt.ts';
import { Canaries } from './canaries.ts';
import { type Facts, programOf } from './prelude.ts';
import { NEIGHBOUR_END, neighbourName, neighbourProgram } from './tenant-attempts.ts';

/** What this system lacks cannot be tried on it. */
const LACKING = ['ENOSYS', 'EAFNOSUPPORT', 'EOPNOTSUPP', 'ENOSPC'];
const isRoot = process.getuid?.() === 0;

/** What attempts at the sandbox meet: canaries, and a Python that nothing confines, in which they must land. */
export class SandboxScene implements AsyncDisposable {
  readonly canaries: Canaries;
  readonly #unconfined: SubprocessExecutor;
  readonly #outside: Session;
  readonly #python: string;
  /** By the id of the attempt: what came of it outside. */
  readonly #landed = new Map<string, string>();

  static async set(): Promise<SandboxScene> {
    const unconfined = new SubprocessExecutor({ isolation: 'none' });
    return new SandboxScene(await Canaries.place(), unconfined, await unconfined.python());
  }

  private constructor(canaries: Canaries, unconfined: SubprocessExecutor, python: string) {
    this.canaries = canaries;
    this.#unconfined = unconfined;
    this.#outside = new Session({ executor: unconfined });
    this.#python = python;
  }

  /** Lets the attempt land where nothing holds it. Returns the reason where it cannot be made on this machine. */
  async land(attempt: Attempt): Promise<string | undefined> {
    if (attempt.root && !isRoot) return 'only root can do it outside';
    if (attempt.processor && attempt.processor !== process.arch) return `only on ${attempt.processor}`;
    const came = this.#landed.get(attempt.id) ?? (await this.#tryOutside(attempt));
    this.#landed.set(attempt.id, came);
    if (LACKING.includes(came)) return `this system has none of it: ${came}`;
    expect([attempt.id, came]).toEqual([attempt.id, 'landed']);
    return undefined;
  }

  /** Makes the attempt in a session of its own. Returns what is seen of it. */
  async attempt(attempt: Attempt, executor: Executor): Promise<string> {
    await using neighbour = attempt.neighbour && (await Neighbour.open(executor));
    await using session = new Session({ executor });
    return await this.attemptIn(session, attempt, neighbour && { ...neighbour.facts, pid: neighbour.hostPid });
  }

  /** Makes the attempt in a session that there is already. */
  async attemptIn(session: Session, attempt: Attempt, neighbour?: Facts): Promise<string> {
    this.canaries.touches = 0;
    const result = await session.run(programOf(attempt, this.canaries.facts, neighbour));
    // What was reached before that has told so by the end of this turn.
    await setImmediate();
    if (result.status === 'completed') return String(result.result);
    return result.status === 'crashed' ? `ended by ${result.detail.signal}` : JSON.stringify(result);
  }

  /** Nothing of the host has been touched. */
  expectUntouched(): void {
    expect([this.canaries.touches, this.canaries.victimLives]).toEqual([0, true]);
  }

  async expectAnswer(executor: Executor): Promise<void> {
    await using session = new Session({ executor });
    expect(await session.run('1 + 1')).toMatchObject({ result: 2 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#outside.close();
    await this.#unconfined.close();
    await this.canaries[Symbol.asyncDispose]();
  }

  async #tryOutside(attempt: Attempt): Promise<string> {
    if (attempt.control === 'plain') return this.#runPlainly(attempt);
    if (attempt.neighbour) return this.attempt(attempt, this.#unconfined);
    return this.attemptIn(this.#outside, attempt);
  }

  /** In a Python that this process started as anybody would, with its environment and what it has open. */
  #runPlainly(attempt: Attempt): string {
    const { facts } = this.canaries;
    const program = programOf(attempt, facts).replace(/outcome\(attempt\)\n$/, 'print(outcome(attempt))\n');
    const open = [openSync('/proc', 'r'), openSync(facts.file, 'r')];
    try {
      const stdio = ['ignore' as const, 'pipe' as const, 'inherit' as const, ...open];
      return execFileSync(this.#python, ['-c', program], { encoding: 'utf8', stdio }).trim();
    } finally {
      for (const descriptor of open) closeSync(descriptor);
    }
  }
}

/** Another session, which has a secret and is as before when it is left. */
export class Neighbour implements AsyncDisposable {
  readonly facts: Facts;
  readonly #session: Session;
  readonly #secret: string;

  static async open(executor: Executor): Promise<Neighbour> {
    const session = new Session({ executor });
    const secret = randomUUID();
    const result = await session.run(neighbourProgram(secret));
    expect(result.status).toBe('completed');
    return new Neighbour(session, secret, result.status === 'completed' ? (result.result as Facts) : {});
  }

  private constructor(session: Session, secret: string, facts: Facts) {
    this.facts = facts;
    this.#session = session;
    this.#secret = secret;
  }

  /** The number of its process as the host knows it: its own may mean another process elsewhere. */
  get hostPid(): number {
    return processNamed(neighbourName(this.#secret));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    expect(await this.#session.run(NEIGHBOUR_END)).toMatchObject({ result: this.#secret });
    await this.#session.close();
  }
}
