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
    const detail = messageOf(error);
    return { name, state: 'failed', detail, fix: fixForAll(detail) };
  }
}

/** Python does not start, or isolation is required and layers are missing, each with its reason. */
function fixForAll(detail: string): string {
  if (!detail.includes('isolation is required')) return 'Mend what is said about python, then run this again.';
  const fixes = FIXES.filter(([words]) => words.test(detail)).map(([, fix]) => fix);
  if (detail.includes(NO_BWRAP)) fixes.push('Or install bubblewrap.');
  return [...fixes, 'Or take what there is: `--isolation auto`, or "isolation": "auto" in the config file.'].join(' ');
}

const NO_BWRAP = 'nor is there a bwrap';
const CONTAINER = 'Let the container be the boundary: no network, no mounts that the code must not see.';

/** Words of the reason that the system gives, and the remedy; see `docs/guides/isolation.md`. */
const FIXES: [RegExp, string][] = [
  [/apparmor_restrict_unprivileged_userns/u, 'Type `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`.'],
  [/unprivileged_userns_clone/u, 'Type `sudo sysctl -w kernel.unprivileged_userns_clone=1`.'],
  [/max_user_namespaces/u, 'Type `sudo sysctl -w user.max_user_namespaces=15000`.'],
  [/share: 'session'/u, 'In the config file, give the group container the key share: session.'],
  [/container|\/proc that is covered/u, CONTAINER],
  [/Landlock/u, 'Add landlock to the boot option lsm=, and boot again.'],
  [/belongs to root/u, 'Give the folder to another user, with chown.'],
  [/Linux 5\.\d+/u, 'Update Linux.'],
];

function fixFor(reason: string): string {
  if (process.platform !== 'linux') return 'Run the host in a Linux container or VM.';
  const fix =
    FIXES.find(([words]) => words.test(reason))?.[1] ?? 'See docs/guides/isolation.md, "Where layers are missing".';
  if (reason.startsWith('they share what bwrap'))
    return `${fix} Or take isolation: 'required', which gives each session a bwrap of its own.`;
  return reason.includes(NO_BWRAP) && fix !== CONTAINER ? `${fix} Or install bubblewrap.` : fix;
}
