import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ContainerExecutor, type ContainerExecutorOptions } from '../../src/executors/container/index.ts';
import { Session } from '../../src/session.ts';
import { openTestEngine, type TestEngine, withAppArmor } from '../executors/container/test-engine.ts';
import { ATTEMPTS_AT_HOST, ATTEMPTS_AT_SANDBOX } from './all-attempts.ts';
import type { Attempt } from './attempt.ts';
import { Counts } from './counts.ts';
import { HostScene } from './host-scene.ts';
import { RESOURCE_LIMITS } from './resource-attempts.ts';
import { Neighbour, SandboxScene } from './sandbox-scene.ts';
import { tenantAttempts } from './tenant-attempts.ts';

/* Every attempt, made in containers. */

const opened = await openTestEngine();
// The cases run only where there is one.
const engine = opened as TestEngine;
let scene: SandboxScene;

beforeAll(async () => {
  scene = await SandboxScene.set();
});

afterAll(async () => {
  await scene[Symbol.asyncDispose]();
  await opened?.stop();
});

/** What is another one than on the machine itself: the layer that is met first, and what is seen then. */
type Differences = Record<string, [layer: Attempt['layer'] | 'container' | 'none', seen: string]>;

/** Where sessions have no namespaces of their own: those of their container, and its root, hold in their place. */
const WITHOUT_NAMESPACES: Differences = {
  F06: ['landlock', 'EACCES'],
  F07: ['landlock', 'EACCES'],
  F12: ['container', 'ENOENT'],
  F29: ['user', 'EACCES'],
  F30: ['user', 'EACCES'],
  F42: ['landlock', 'EACCES'],
  F52: ['container', 'nothing'],
  F53: ['container', 'nothing'],
  F54: ['container', 'nothing'],
  F55: ['container', 'nothing'],
  P03: ['landlock', 'EPERM'],
  P09: ['landlock', 'EACCES'],
  S05: ['landlock', 'EACCES'],
  S06: ['capabilities', 'EPERM'],
  S07: ['capabilities', 'EPERM'],
};

const NOT_WITHOUT_NAMESPACES: Record<string, string> = {
  T02: 'there a session may write its own folder alone',
};

/** Sessions that share a container without namespaces of their own: `isolation().layers.sessions` says that they do. */
const NEIGHBOURS: Differences = {
  T01: ['landlock', 'EACCES'],
  T03: ['none', 'landed'],
  T04: ['landlock', 'EACCES'],
  T05: ['seccomp', 'EPERM'],
  T06: ['landlock', 'EACCES'],
  T07: ['seccomp', 'EPERM'],
  T08: ['landlock', 'EACCES'],
  T09: ['landlock', 'EACCES'],
  T10: ['none', 'landed'],
  T11: ['landlock', 'EPERM'],
  T12: ['landlock', 'EPERM'],
  T13: ['none', 'landed'],
  T14: ['seccomp', 'EPERM'],
  T15: ['none', 'landed'],
};

/** The executors of a lane: one for most attempts, one for those at limits. */
class Executors implements AsyncDisposable {
  readonly free: ContainerExecutor;
  readonly limited: ContainerExecutor;

  constructor(options: ContainerExecutorOptions) {
    const isolation = engine.nests && !options.docker ? 'required' : 'auto';
    const all = { docker: engine.docker, image: engine.image, isolation, ...options } as const;
    this.free = new ContainerExecutor(all);
    this.limited = new ContainerExecutor({ ...all, limits: RESOURCE_LIMITS });
  }

  for({ layer }: Attempt): ContainerExecutor {
    return layer === 'limits' ? this.limited : this.free;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.free.close(), this.limited.close()]);
  }
}

describe.skipIf(!opened)('attempts in containers', { timeout: 120_000 }, () => {
  describe('one for all sessions', () => {
    const counts = new Counts('attempts in a container for all sessions');
    /** What an image makes another one: its files are root's. */
    const differences: Differences = { F29: ['user', 'EACCES'], F30: ['user', 'EACCES'] };
    let executors: Executors;
    beforeAll(() => {
      executors = new Executors({ share: 'executor' });
    });
    afterAll(async () => {
      await executors[Symbol.asyncDispose]();
      console.log(String(counts));
    });

    test.for(ATTEMPTS_AT_SANDBOX)('$id $title ($layer)', async (attempt, { skip }) => {
      const cannot = engine.nests ? await scene.land(attempt) : 'AppArmor allows no namespaces here';
      if (cannot !== undefined) return skip(counts.leaveOut(attempt, cannot));
      const [layer, seen] = differences[attempt.id] ?? [attempt.layer, attempt.seen];
      const executor = executors.for(attempt);
      expect(await scene.attempt(attempt, executor)).toBe(seen);
      scene.expectUntouched();
      // The next attempt is made in a fresh session, and shows that there is one.
      counts.stop({ id: attempt.id, layer });
    });

    test.concurrent.each(ATTEMPTS_AT_HOST)('$id $title ($layer)', async (attempt) => {
      await HostScene.expectStopped(attempt, executors.free);
      counts.stop(attempt);
    });
  });

  describe('where AppArmor allows no namespaces in them', () => {
    test('one for each session', async () => {
      const counts = new Counts('attempts in a container for each session');
      await using executors = new Executors({ share: 'session', docker: withAppArmor(engine.docker) });
      await using neighbour = await Neighbour.open(executors.free);
      await using free = new Session({ executor: executors.free });
      await using limited = new Session({ executor: executors.limited });
      const facts = { ...neighbour.facts, pid: neighbour.hostPid };
      for (const attempt of ATTEMPTS_AT_SANDBOX) {
        const cannot = NOT_WITHOUT_NAMESPACES[attempt.id] ?? (await scene.land(attempt));
        if (cannot !== undefined) {
          counts.leaveOut(attempt, cannot);
          continue;
        }
        const [layer, expected] = WITHOUT_NAMESPACES[attempt.id] ?? [standIn(attempt), attempt.seen];
        const seen = await scene.attemptIn(attempt.layer === 'limits' ? limited : free, attempt, facts);
        expect([attempt.id, seen]).toEqual([attempt.id, orRefusedBefore(expected)]);
        scene.expectUntouched();
        counts.stop({ id: attempt.id, layer });
      }
      await scene.expectAnswer(executors.free);
      console.log(String(counts));
    });

    test('one for all sessions: what still keeps them apart', async () => {
      await using executors = new Executors({ share: 'executor', docker: withAppArmor(engine.docker) });
      await using neighbour = await Neighbour.open(executors.free);
      await using session = new Session({ executor: executors.free });
      const seen: Record<string, string> = {};
      for (const attempt of tenantAttempts.filter(({ id }) => id in NEIGHBOURS)) {
        // They see the same processes, so that the neighbour's own number is the right one.
        seen[attempt.id] = await scene.attemptIn(session, attempt, neighbour.facts);
      }
      expect(seen).toEqual(
        Object.fromEntries(Object.entries(NEIGHBOURS).map(([id, [, came]]) => [id, orRefusedBefore(came)])),
      );
    });
  });
});

/** AppArmor itself may be faster. What it lets through must be stopped all the same. */
function orRefusedBefore(seen: string): unknown {
  if (engine.nests) return seen;
  return seen === 'landed' ? expect.any(String) : expect.not.stringMatching(/^landed$/);
}

/** What holds in the place of a session's own namespaces and root. */
function standIn({ layer }: Attempt): string {
  return layer === 'namespaces' || layer === 'files' ? 'container' : layer;
}
