import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { SessionEvent } from '../../src/events.ts';
import { SubprocessExecutor, type SubprocessExecutorOptions } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';
import type { SessionOptions } from '../../src/session-options.ts';
import { defineTool } from '../../src/tool-sources/function.ts';
import type { Tool } from '../../src/tool-sources/tool.ts';
import { expectNoProcess, until } from '../executors/processes.ts';
import { describeRun } from './describe-run.ts';

/** How long something may take that is certain to happen: machines are slow and loaded. */
export const PATIENCE_MS = 50_000;

/** To be called by a test file once: its sockets and scratch folders get a place of their own, which is empty at the end. */
export function useOwnFolder(): void {
  const systemFolder = process.env.TMPDIR;
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cm-faults-'));
    process.env.TMPDIR = folder;
  });
  afterAll(async () => {
    if (systemFolder === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = systemFolder;
    await until(
      () => readdirSync(folder).length === 0,
      PATIENCE_MS,
      () => `Left in ${folder}: ${readdirSync(folder, { recursive: true }).join(', ')}`,
    );
    rmSync(folder, { recursive: true });
  });
}

/** An executor whose processes can be told from all others. Disposing of it closes it and waits until none is left. */
export class FaultBench implements AsyncDisposable {
  readonly executor: SubprocessExecutor;
  readonly marker: string;
  readonly #subjects: Subject[] = [];

  constructor(options: SubprocessExecutorOptions = {}) {
    const id = randomUUID();
    this.marker = `CODE_MODE_TEST=${id}`;
    this.executor = new SubprocessExecutor({ ...options, env: { ...options.env, CODE_MODE_TEST: id } });
  }

  /** A session on this executor. */
  open(options: Partial<SessionOptions> = {}): Subject {
    const subject = new Subject({ executor: this.executor, ...options });
    this.#subjects.push(subject);
    return subject;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#subjects.map(({ session }) => session.close()));
    await this.executor.close();
    await expectNoProcess(this.marker, PATIENCE_MS);
  }
}

/** A session that remembers what happened, with a tool that counts its effects. */
export class Subject {
  readonly session: Session;
  readonly events: SessionEvent[] = [];
  /** The arguments of each call of `tools.count(n=…)`, which happens at once, and of `tools.wait(n=…)`, which never answers. */
  readonly effects: unknown[] = [];

  constructor({ tools = [], onEvent, ...options }: SessionOptions) {
    this.session = new Session({
      limits: { interruptGraceMs: 20_000 },
      ...options,
      tools: [...tools, ...this.#counters()],
      onEvent: (event) => {
        this.events.push(event);
        onEvent?.(event);
      },
    });
  }

  /** The result of a run in words. */
  async run(code: string, options?: { timeoutMs?: number; signal?: AbortSignal }): Promise<string> {
    return describeRun(await this.session.run(code, options));
  }

  /** The process id of the kernel of now. */
  get pid(): number {
    const start = this.events.findLast((event) => event.type === 'kernel-start');
    if (start?.type !== 'kernel-start' || start.pid === undefined) throw new Error('No kernel has started.');
    return start.pid;
  }

  /** Waits for the next event of a kind, from now on or since `from`. */
  async seen(type: SessionEvent['type'], from = 0): Promise<void> {
    await until(
      () => this.events.slice(from).some((event) => event.type === type),
      PATIENCE_MS,
      () => `No ${type} among ${this.events.map((event) => event.type).join(', ')}`,
    );
  }

  #counters(): Tool[] {
    const input = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } as const;
    const count = (n: unknown) => this.effects.push(n);
    return [
      defineTool({ name: 'count', description: 'Counts.', input, execute: ({ n }) => count(n) }),
      defineTool({
        name: 'wait',
        description: 'Counts and never answers.',
        input,
        execute: ({ n }) => new Promise<never>(() => count(n)),
      }),
    ];
  }
}

/** Expects that no effect happened twice. */
export function expectAtMostOnce({ effects }: Subject): void {
  expect(effects).toEqual([...new Set(effects)]);
}
