import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';
import type { Attempt } from './attempt.ts';
import { Canaries } from './canaries.ts';
import { Counts } from './counts.ts';
import { descriptorAttempts } from './descriptor-attempts.ts';
import { fileAttempts } from './file-attempts.ts';
import { networkAttempts } from './network-attempts.ts';
import { type Facts, programOf } from './prelude.ts';
import { processAttempts } from './process-attempts.ts';
import { RESOURCE_LIMITS, resourceAttempts } from './resource-attempts.ts';
import { systemCallAttempts } from './system-call-attempts.ts';
import { NEIGHBOUR_END, neighbourProgram, tenantAttempts } from './tenant-attempts.ts';

const ALL = [
  ...fileAttempts,
  ...processAttempts,
  ...descriptorAttempts,
  ...tenantAttempts,
  ...networkAttempts,
  ...resourceAttempts,
  ...systemCallAttempts,
];
/** What this system lacks cannot be tried on it. */
const LACKING = ['ENOSYS', 'EAFNOSUPPORT', 'EOPNOTSUPP', 'ENOSPC'];

const isRoot = process.getuid?.() === 0;
const unconfined = new SubprocessExecutor({ isolation: 'none' });
const confined = new SubprocessExecutor({ isolation: 'required' });
const limited = new SubprocessExecutor({ isolation: 'required', limits: RESOURCE_LIMITS });
const stopped = new Counts();
let canaries: Canaries;
let python: string;

beforeAll(async () => {
  canaries = await Canaries.place();
  python = await unconfined.python();
});

afterAll(async () => {
  await Promise.all([unconfined.close(), confined.close(), limited.close()]);
  await canaries[Symbol.asyncDispose]();
  console.log(String(stopped));
});

describe.skipIf(process.platform !== 'linux')('attempts to get out of the sandbox', { timeout: 60_000 }, () => {
  test('the ids are unique', () => {
    expect(new Set(ALL.map(({ id }) => id)).size).toBe(ALL.length);
  });

  for (const attempt of ALL) {
    const cannot = (attempt.root && !isRoot) || (attempt.processor !== undefined && attempt.processor !== process.arch);
    test.skipIf(cannot)(`${attempt.id} ${attempt.title} (${attempt.layer})`, async ({ skip }) => {
      const outside = attempt.control === 'plain' ? runPlainly(attempt) : await runIn(unconfined, attempt);
      if (LACKING.includes(outside)) skip(`this system has none of it: ${outside}`);
      expect(outside).toBe('landed');
      canaries.touches = 0;
      const inside = attempt.layer === 'limits' ? limited : confined;
      expect(await runIn(inside, attempt)).toBe(attempt.seen);
      expect([canaries.touches, canaries.victimLives]).toEqual([0, true]);
      expect(await answer(inside)).toBe(2);
      stopped.add(attempt);
    });
  }
});

async function runIn(executor: SubprocessExecutor, attempt: Attempt): Promise<string> {
  await using neighbour = attempt.neighbour && (await openNeighbour(executor));
  await using session = new Session({ executor });
  const result = await session.run(programOf(attempt, canaries.facts, neighbour?.facts));
  if (result.status === 'completed') return String(result.result);
  return result.status === 'crashed' ? `ended by ${result.detail.signal}` : JSON.stringify(result);
}

/** Another session, which has a secret and is as before when it is left. */
async function openNeighbour(executor: SubprocessExecutor): Promise<AsyncDisposable & { facts: Facts }> {
  let pid = 0;
  const session = new Session({
    executor,
    onEvent: (event) => {
      if (event.type === 'kernel-start') pid = event.pid ?? 0;
    },
  });
  const secret = randomUUID();
  const result = await session.run(neighbourProgram(secret));
  expect(result.status).toBe('completed');
  const facts = { ...(result.status === 'completed' && (result.result as Facts)), pid };
  const leave = async () => {
    expect(await session.run(`${NEIGHBOUR_END}\nsecret`)).toMatchObject({ result: secret });
    await session.close();
  };
  return { facts, [Symbol.asyncDispose]: leave };
}

/** In a Python that this process started as anybody would, with its environment and what it has open. */
function runPlainly(attempt: Attempt): string {
  const program = programOf(attempt, canaries.facts).replace(/outcome\(attempt\)\n$/, 'print(outcome(attempt))\n');
  const env = { ...process.env, CANARY: canaries.facts.secret };
  const open = [openSync('/proc', 'r'), openSync(canaries.facts.file, 'r')];
  try {
    const stdio = ['ignore' as const, 'pipe' as const, 'inherit' as const, ...open];
    return execFileSync(python, ['-c', program], { env, encoding: 'utf8', stdio }).trim();
  } finally {
    for (const descriptor of open) closeSync(descriptor);
  }
}

async function answer(executor: SubprocessExecutor): Promise<unknown> {
  await using session = new Session({ executor });
  const result = await session.run('1 + 1');
  return result.status === 'completed' && result.result;
}
