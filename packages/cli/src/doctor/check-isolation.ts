import type { Executor } from '@code-mode/core';
import { messageOf } from '../failure.ts';
import type { Check } from './check.ts';

/** Which layers hold Python in, as a kernel saw them. */
export async function checkIsolation(executor: Executor): Promise<Check> {
  const name = 'isolation';
  try {
    const { level, layers } = await executor.isolation();
    const parts = Object.entries(layers).map(([layer, { state, detail }]): Check => {
      const fix = state === 'unavailable' ? fixFor(detail) : undefined;
      return { name: layer, state: state === 'on' ? 'ok' : 'off', detail, ...(fix !== undefined && { fix }) };
    });
    const on = parts.filter(({ state }) => state === 'ok').length;
    const detail = `${level}: ${on} of ${parts.length} layers hold`;
    return { name, state: level === 'full' ? 'ok' : 'off', detail, parts };
  } catch (error) {
    return {
      name,
      state: 'failed',
      detail: messageOf(error),
      fix: 'Mend what is said about python, then run this again.',
    };
  }
}

/** Words of the reason that the system gives, and the remedy; see `docs/guides/isolation.md`. */
const FIXES: [RegExp, string][] = [
  [/apparmor_restrict_unprivileged_userns/u, 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'],
  [/unprivileged_userns_clone/u, 'sudo sysctl -w kernel.unprivileged_userns_clone=1'],
  [/max_user_namespaces/u, 'sudo sysctl -w user.max_user_namespaces=15000'],
  [/share: 'session'/u, 'In the config file, give the group container the key share: session.'],
  [
    /container|\/proc that is covered/u,
    'Let the container be the boundary: no network, no mounts that the code must not see.',
  ],
  [/Landlock/u, 'Add landlock to the boot option lsm=, and boot again.'],
  [/belongs to root/u, 'Give the folder to another user: chown'],
  [/Linux 5\.\d+/u, 'Update Linux.'],
];

function fixFor(reason: string): string {
  if (process.platform !== 'linux') return 'Run the host in a Linux container or VM.';
  return (
    FIXES.find(([words]) => words.test(reason))?.[1] ?? 'See docs/guides/isolation.md, "Where layers are missing".'
  );
}
