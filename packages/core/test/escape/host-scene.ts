import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { ApprovalRequest } from '../../src/approval.ts';
import type { SessionEvent } from '../../src/events.ts';
import type { Executor } from '../../src/executors/executor.ts';
import { describeRequest } from '../../src/prompts/describe-request.ts';
import { describeResult } from '../../src/prompts/describe-result.ts';
import type { Run } from '../../src/run.ts';
import type { RunResult } from '../../src/run-result.ts';
import { Session } from '../../src/session.ts';
import { FileStorage } from '../../src/storage/file.ts';
import { defineTool } from '../../src/tool-sources/function.ts';
import { HOST_HELPERS, type HostAttempt } from './host-attempt.ts';

const ANY = { type: 'object', additionalProperties: true } as const;
/** One folder for all scenes: sessions with another one have another zygote, or container. */
const DEPS = { allowRuntime: true, cacheFolder: mkdtempSync(join(tmpdir(), 'cm-environments-')) };
afterAll(() => rmSync(DEPS.cacheFolder, { recursive: true }));

/** What attempts at the host meet: a session with tools that count, somebody who approves, and a neighbour in its run. */
export class HostScene implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'cm-scene-'));
  readonly #session: Session;
  readonly #neighbour: Session;
  readonly #neighbourRun: Run;
  readonly #release: (text: string) => void;
  readonly #asked: ApprovalRequest[] = [];
  readonly #paid: unknown[] = [];
  readonly #events: SessionEvent[] = [];
  #counted = 0;

  /** Makes the attempt: it ends as its row says, nothing else is touched, and the next session answers. */
  static async expectStopped(attempt: HostAttempt, executor: Executor): Promise<void> {
    await using scene = new HostScene(executor, attempt);
    expect(await scene.#run(attempt)).toBe(attempt.seen);
    expect(await scene.#leave()).toEqual({
      neighbour: 'completed "unharmed"',
      speaksForNeighbour: false,
      polluted: false,
      planted: false,
    });
    await using session = new Session({ executor, deps: DEPS });
    expect(await session.run('1 + 1')).toMatchObject({ result: 2 });
  }

  private constructor(executor: Executor, { seen }: HostAttempt) {
    const waiting = Promise.withResolvers<string>();
    this.#release = waiting.resolve;
    this.#neighbour = new Session({
      executor,
      deps: DEPS,
      tools: [defineTool({ name: 'wait', description: 'Waits.', execute: () => waiting.promise })],
    });
    this.#neighbourRun = this.#neighbour.begin('tools.wait()');
    this.#session = new Session({
      executor,
      storage: new FileStorage(join(this.#folder, 'store')),
      deps: DEPS,
      limits: { interruptGraceMs: seen.includes('are kept') ? 20_000 : 400, maxCalls: 200 },
      tools: this.#tools(),
      onEvent: (event) => this.#events.push(event),
      onApproval: (requests) => {
        this.#asked.push(...requests);
        return requests.map(({ requestId, arguments: args }) => ({ requestId, approved: !overHundred(args.amount) }));
      },
    });
  }

  /** Runs the program, and what comes after it; what is seen of it. */
  async #run(attempt: HostAttempt): Promise<string> {
    const helpers = `${HOST_HELPERS}\nneighbour_run = ${JSON.stringify(this.#neighbourRun.id)}\n`;
    await this.#session.run(helpers);
    const options = attempt.layer === 'watchdog' ? { timeoutMs: 1_000 } : {};
    let result = await this.#session.run(`run_id = ownership.run_id()\n${attempt.code}`, options);
    if (attempt.then !== undefined) result = await this.#session.run(attempt.then);
    if (attempt.layer === 'text') return describeResult(result);
    return this.#outcomeOf(result);
  }

  /** Whether nothing but the session itself was touched. */
  async #leave(): Promise<Record<string, unknown>> {
    this.#release('unharmed');
    const neighbour = await this.#neighbourRun.settled();
    const own = new Set(this.#events.flatMap((event) => ('runId' in event ? [event.runId] : [])));
    return {
      neighbour: neighbour.kind === 'finished' && endOf(neighbour.result),
      /** Events in the name of the neighbour's run. */
      speaksForNeighbour: own.has(this.#neighbourRun.id),
      polluted: 'polluted' in {},
      planted: existsSync(join(this.#folder, 'planted')) || existsSync('/tmp/planted'),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#release('unharmed');
    await Promise.all([this.#session.close(), this.#neighbour.close()]);
    // What was being saved when the session was closed may still be on its way to the disk.
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }

  #tools() {
    return [
      defineTool({ name: 'echo', description: 'Gives it back.', input: ANY, execute: ({ value }) => value }),
      defineTool({ name: 'count', description: 'Counts.', input: ANY, execute: () => ++this.#counted }),
      defineTool({
        name: 'pay',
        description: 'Pays.',
        input: ANY,
        needsApproval: true,
        execute: ({ amount }) => {
          this.#paid.push(amount);
          return amount;
        },
      }),
    ];
  }

  #outcomeOf(result: RunResult): string {
    const parts = [endOf(result)];
    if (this.#counted > 0) parts.push(`counted ${this.#counted}`);
    for (const amount of this.#paid) parts.push(`paid ${short(JSON.stringify(amount))}`);
    if (this.#asked.length > 0)
      parts.push(`asked ${this.#asked.length}: ${short(describeRequest(this.#asked[0] as ApprovalRequest))}`);
    if (result.stdout !== '') parts.push(`printed ${result.stdout.length} characters`);
    if (result.displays.length > 0) parts.push(`${result.displays.length} displays`);
    return parts.join(', ');
  }
}

function endOf(result: RunResult): string {
  switch (result.status) {
    case 'completed':
      return `completed ${JSON.stringify(result.result ?? null)}`;
    case 'failed':
      return `failed: ${result.error.name}`;
    case 'interrupted':
      return `interrupted: ${result.reason}, ${result.stateKept ? 'the variables are kept' : 'all variables are lost'}`;
    case 'crashed':
      // What JSON.parse says differs between versions of Node.
      return `crashed: ${result.detail.message.replace(/(a frame is not JSON) \(.*\)\./su, '$1 (…).')}`;
  }
}

function overHundred(amount: unknown): boolean {
  return JSON.stringify(amount)?.includes('999') ?? false;
}

function short(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 30)}[…]${text.slice(-30)}`;
}
