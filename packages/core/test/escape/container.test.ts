import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ContainerExecutor } from '../../src/executors/container/index.ts';
import { Session } from '../../src/session.ts';
import { openTestEngine, type TestEngine, withAppArmor } from '../executors/container/test-engine.ts';
import type { Attempt } from './attempt.ts';
import { Canaries } from './canaries.ts';
import { fileAttempts } from './file-attempts.ts';
import { networkAttempts } from './network-attempts.ts';
import { programOf } from './prelude.ts';
import { processAttempts } from './process-attempts.ts';
import { systemCallAttempts } from './system-call-attempts.ts';

/*
 * The attempts at the sandbox, made in containers. `escape.test.ts` shows that each lands without one; how it fails
 * here may differ, because an image holds less than a machine.
 */

const ALL = [...fileAttempts, ...processAttempts, ...networkAttempts, ...systemCallAttempts];

const engine = await openTestEngine();
let canaries: Canaries;

beforeAll(async () => {
  canaries = await Canaries.place();
});

afterAll(async () => {
  await canaries[Symbol.asyncDispose]();
  await engine?.stop();
});

describe.skipIf(!engine)('attempts to get out of a container', { timeout: 300_000 }, () => {
  test.each([
    ['one for all sessions', 'executor'],
    ['one for each session, where AppArmor allows no namespaces in it', 'session'],
  ] as const)('%s', async (_title, share) => {
    const { docker, image, nests } = engine as TestEngine;
    const seen = share === 'executor' ? docker : withAppArmor(docker);
    await using executor = new ContainerExecutor({
      docker: seen,
      image,
      share,
      isolation: nests ? 'required' : 'auto',
    });
    // One that ends its process goes on in a fresh container or nest.
    await using session = new Session({ executor });
    const landed: string[] = [];
    for (const attempt of ALL.filter(({ processor = process.arch }) => processor === process.arch)) {
      const outcome = await outcomeOf(session, attempt);
      if (outcome === 'landed' || canaries.touches > 0 || !canaries.victimLives) landed.push(attempt.id);
      canaries.touches = 0;
    }
    expect(landed).toEqual([]);
    expect(await outcomeOf(session, { ...(ALL[0] as Attempt), code: 'return True' })).toBe('landed');
  });
});

async function outcomeOf(session: Session, attempt: Attempt): Promise<string> {
  const result = await session.run(programOf(attempt, canaries.facts));
  return result.status === 'completed' ? String(result.result) : result.status;
}
