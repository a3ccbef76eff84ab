import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';
import { alive, expectNoProcess, processesWith, until } from './processes.ts';

// The zygote makes a kernel ahead when it has nothing to do: it is as good as any other, and held as well.
describe.each(['required', 'none'] as const)('isolation %s', (isolation) => {
  const marker = `CODE_MODE_TEST=${randomUUID()}`;
  const executor = new SubprocessExecutor({ isolation, env: { CODE_MODE_TEST: marker.slice(15) } });
  const sessions: Session[] = [];

  afterAll(async () => {
    await Promise.all(sessions.map((session) => session.close()));
    await executor.close();
    await expectNoProcess(marker);
  });

  test('the next session gets the spare kernel', async () => {
    const first = await open();
    const spare = await untilSpare();
    const next = await open();
    expect([first.pid === spare, next.pid === spare]).toEqual([false, true]);
    expect(await resultOf(next.session, CONFINEMENT)).toEqual(await resultOf(first.session, CONFINEMENT));
  }, 60_000);

  test('it knows nothing of the sessions before, and its random numbers are its own', async () => {
    const before = await open();
    await before.session.run('import random; secret = 1');
    await untilSpare();
    const after = await open();
    expect(await resultOf(after.session, '"secret" in globals() or "_" in globals()')).toBe(false);
    const random = 'import random; random.random()';
    expect(await resultOf(after.session, random)).not.toBe(await resultOf(before.session, random));
  }, 60_000);

  test('when it was killed, the next session gets another', async () => {
    await open();
    const spare = await untilSpare();
    process.kill(spare, 'SIGKILL');
    await until(() => !alive(spare));
    const next = await open();
    expect(next.pid).not.toBe(spare);
    expect(await resultOf(next.session, '1 + 1')).toBe(2);
  }, 60_000);

  test('one that is interrupted while it waits runs the next session', async () => {
    await open();
    const spare = await untilSpare();
    process.kill(spare, 'SIGINT');
    const next = await open();
    expect(next.pid).toBe(spare);
    expect(await resultOf(next.session, '1 + 1')).toBe(2);
  }, 60_000);

  async function open(): Promise<{ session: Session; pid: number }> {
    let pid = 0;
    const session = new Session({
      executor,
      onEvent: (event) => {
        if (event.type === 'kernel-start') pid = Number(event.pid);
      },
    });
    sessions.push(session);
    await session.run('pass');
    return { session, pid };
  }

  /** The process that waits, or will when it has rehearsed. */
  async function untilSpare(): Promise<number> {
    let found: number | undefined;
    await until(() => {
      found = processesWith(marker).find((pid) => commandName(pid) === 'cm-spare');
      return found !== undefined;
    });
    return found as number;
  }
});

/** What an attacker would look for: open descriptors, privileges, the way to the host's socket. */
const CONFINEMENT = `
import os, socket
status = dict(line.strip().split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line.strip())
descriptors = []
for name in os.listdir("/proc/self/fd"):
    try:
        descriptors.append(os.readlink(f"/proc/self/fd/{name}").split(":")[0])
    except OSError:
        pass
{
    "descriptors": sorted(descriptors),
    **{name: status[name] for name in ("Seccomp", "NoNewPrivs", "CapEff", "CapBnd", "Uid")},
    "environment": sorted(os.environ),
    "folder": sorted(os.listdir(".")),
    "threads": status["Threads"],
}
`;

async function resultOf(session: Session, code: string): Promise<unknown> {
  const run = await session.run(code);
  if (run.status !== 'completed') throw new Error(JSON.stringify(run));
  return run.result;
}

function commandName(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}
