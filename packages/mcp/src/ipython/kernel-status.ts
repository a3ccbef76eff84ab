import type { Session } from '@code-mode/core';
import type { Client } from '../clients.ts';
import type { McpHost } from '../mcp-host.ts';

/** Prints, so that `_` stays what it is. */
const NAMES = `print(__import__("json").dumps(sorted(__name for __name in globals() if not __name.startswith("_"))))`;
/** What every kernel has. */
const GIVEN = new Set(['tools', 'workflows', 'artifacts', 'deps', 'display']);

/** What `python_status` tells. A busy kernel is left alone: its variables are not read. */
export async function kernelStatus(
  client: Client,
  id: string | undefined,
  host: McpHost,
): Promise<Record<string, unknown>> {
  const kernel = client.kernels.find(id);
  const session = kernel && client.kernels.open(kernel);
  const busy = session?.idle === false;
  return {
    kernel_id: kernel?.id ?? id,
    active: session !== undefined,
    busy,
    all_kernels: client.kernels.ids,
    python_version: session ? (host.pythonVersion() ?? null) : null,
    packages: session ? (await session.deps.list()).slice(0, 20) : [],
    variables: session && !busy ? await variablesOf(session) : [],
    ...(busy && { message: 'The kernel is busy, so its variables are not read.' }),
  };
}

async function variablesOf(session: Session): Promise<string[]> {
  // Between the look whether it is idle and this nothing else can begin.
  const run = session.begin(NAMES, { timeoutMs: 5_000 });
  const state = await run.settled();
  if (state.kind === 'approval') {
    run.abort('Nobody is asked about a look at the variables.');
    return [];
  }
  if (state.result.status !== 'completed') return [];
  return (JSON.parse(state.result.stdout) as string[]).filter((name) => !GIVEN.has(name));
}
