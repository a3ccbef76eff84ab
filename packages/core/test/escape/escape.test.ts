import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';
import type { Attempt } from './attempt.ts';
import { Canaries } from './canaries.ts';
import { fileAttempts } from './file-attempts.ts';
import { networkAttempts } from './network-attempts.ts';
import { programOf } from './prelude.ts';
import { processAttempts } from './process-attempts.ts';
import { systemCallAttempts } from './system-call-attempts.ts';

const ALL = [...fileAttempts, ...processAttempts, ...networkAttempts, ...systemCallAttempts];
/** What this system lacks cannot be tried on it. */
const LACKING = ['ENOSYS', 'EAFNOSUPPORT', 'EOPNOTSUPP'];

const isRoot = process.getuid?.() === 0;
const unconfined = new SubprocessExecutor({ isolation: 'none' });
const confined = new SubprocessExecutor({ isolation: 'required' });
const stopped = new Map<string, number>();
let canaries: Canaries;
let python: string;

beforeAll(async () => {
  canaries = await Canaries.place();
  python = await unconfined.python();
});

afterAll(async () => {
  await Promise.all([unconfined.close(), confined.close()]);
  await canaries[Symbol.asyncDispose]();
  const layers = [...stopped].map(([layer, count]) => `${layer} ${count}`).join(', ');
  console.log(`attempts that were stopped, by layer: ${layers}`);
});

describe.skipIf(process.platform !== 'linux')('attempts to get out of the sandbox', { timeout: 20_000 }, () => {
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
      expect(await runIn(confined, attempt)).toBe(attempt.seen);
      expect([canaries.touches, canaries.victimLives]).toEqual([0, true]);
      expect(await answer(confined)).toBe(2);
      stopped.set(attempt.layer, (stopped.get(attempt.layer) ?? 0) + 1);
    });
  }
});

async function runIn(executor: SubprocessExecutor, attempt: Attempt): Promise<string> {
  await using session = new Session({ executor });
  const result = await session.run(programOf(attempt, canaries.facts));
  if (result.status === 'completed') return String(result.result);
  return result.status === 'crashed' ? `ended by ${result.detail.signal}` : JSON.stringify(result);
}

/** In a Python that this process started as anybody would, with its environment. */
function runPlainly(attempt: Attempt): string {
  const program = programOf(attempt, canaries.facts).replace(/outcome\(attempt\)\n$/, 'print(outcome(attempt))\n');
  const env = { ...process.env, CANARY: canaries.facts.secret };
  return execFileSync(python, ['-c', program], { env, encoding: 'utf8' }).trim();
}

async function answer(executor: SubprocessExecutor): Promise<unknown> {
  await using session = new Session({ executor });
  const result = await session.run('1 + 1');
  return result.status === 'completed' && result.result;
}
