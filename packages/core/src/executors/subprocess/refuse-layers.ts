import { CodeModeError } from '../../errors.ts';
import type { Zygote } from '../zygote/zygote.ts';

/** Isolation is required. @throws CodeModeError `isolation_unavailable`, and the zygote is closed */
export async function refuseMissingLayers(zygote: Zygote, network: boolean): Promise<void> {
  const missing = Object.entries(zygote.ready.missingLayers ?? {}).filter(
    ([layer]) => !(layer === 'sessions' || (layer === 'network' && network)),
  );
  if (missing.length === 0) return;
  await zygote.close();
  const reasons = missing.map(([layer, reason]) => `${layer}: ${reason}.`).join(' ');
  throw new CodeModeError(
    'isolation_unavailable',
    `SubprocessExecutor: isolation is required, and this system lacks a layer. ${reasons}`,
    { details: { missing: Object.fromEntries(missing) } },
  );
}

/**
 * An allow-list takes a network of the kernel's own; in the host's nothing would hold it.
 * @throws CodeModeError `isolation_unavailable`, and the zygote is closed
 */
export async function refuseSharedNetwork(zygote: Zygote): Promise<void> {
  const { namespaces, sessions } = zygote.ready.missingLayers ?? {};
  const reason = namespaces ?? sessions;
  if (reason === undefined) return;
  await zygote.close();
  throw new CodeModeError(
    'isolation_unavailable',
    `SubprocessExecutor: network.allow takes the layer namespaces, which this system lacks: ${reason}.`,
    { details: { missing: { namespaces: reason } } },
  );
}
