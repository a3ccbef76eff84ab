import type { Executor, IsolationReport } from '@code-mode/core';
import { describe, expect, test } from 'vitest';
import { checkIsolation } from '../../src/doctor/check-isolation.ts';

/** The fix for a layer that is missing for this reason. */
async function fixFor(detail: string): Promise<string | undefined> {
  const report: IsolationReport = {
    level: 'partial',
    layers: { namespaces: { state: 'unavailable', detail } },
    limits: {},
  };
  const executor = { isolation: () => Promise.resolve(report) } as Partial<Executor> as Executor;
  return (await checkIsolation(executor)).parts?.[0]?.fix;
}

describe.skipIf(process.platform !== 'linux')('the fix for what is missing', () => {
  const denied = 'AppArmor keeps programs from it (kernel.apparmor_restrict_unprivileged_userns=1). Give it a profile';
  const sysctl = 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0';

  test.each([
    [`${denied}; nor is there a bwrap on PATH that could`, `Type \`${sysctl}\`. Or install bubblewrap.`],
    [`${denied}; /usr/bin/bwrap does not work here either (bwrap: no)`, `Type \`${sysctl}\`.`],
    [
      `they share what bwrap has made once, because kernels cannot: ${denied}`,
      `Type \`${sysctl}\`. Or take isolation: 'required', which gives each session a bwrap of its own.`,
    ],
    [
      "the container's seccomp profile keeps programs from it; nor is there a bwrap on PATH that could",
      'Let the container be the boundary: no network, no mounts that the code must not see.',
    ],
    ['something new', 'See docs/guides/isolation.md, "Where layers are missing".'],
  ])('%s', async (reason, fix) => {
    expect(await fixFor(reason)).toBe(fix);
  });
});
