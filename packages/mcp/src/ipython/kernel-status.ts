import type { Session } from '@code-mode/core';
import { z } from 'zod';
import type { Client } from '../clients.ts';
import type { McpHost } from '../mcp-host.ts';

/**
 * Prints, so that `_` stays what it is; by ways that stay when a program has given names of Python a new value. What else
 * prints meanwhile is told apart by the mark.
 */
const MARK = 'names of this kernel: ';
const NAMES = `(lambda python, json, out: python.print(
    "\\n${MARK}" + json.dumps(python.sorted(name for name in python.globals() if not name.startswith("_"))),
    file=out, flush=True,
))(__import__("builtins"), __import__("json"), __import__("sys").__stdout__)`;
/** What every kernel has. */
const GIVEN = new Set(['tools', 'workflows', 'artifacts', 'deps', 'display']);

/** What `python_status` tells. */
export const STATUS_FIELDS = {
  kernel_id: z.string().optional(),
  active: z.boolean(),
  busy: z.boolean(),
  all_kernels: z.array(z.string()),
  python_version: z.string().nullable(),
  packages: z.array(z.string()).describe('Those that were asked for.'),
  variables: z.array(z.string()),
  message: z.string().optional().describe('Why the variables were not read.'),
};

/** Looks at a kernel. A busy kernel is left alone: its variables are not read. */
export async function kernelStatus(
  client: Client,
  id: string | undefined,
  host: McpHost,
): Promise<z.infer<z.ZodObject<typeof STATUS_FIELDS>>> {
  const kernel = client.kernels.find(id);
  const session = kernel && client.kernels.open(kernel);
  const busy = session?.idle === false;
  const variables = session && !busy ? await variablesOf(session) : [];
  return {
    kernel_id: kernel?.id ?? id,
    active: session !== undefined,
    busy,
    all_kernels: client.kernels.ids,
    python_version: session ? (host.pythonVersion() ?? null) : null,
    packages: session ? [...(await session.deps.list())] : [],
    variables: variables ?? [],
    ...(busy && { message: 'The kernel is busy, so its variables are not read.' }),
    ...(!variables && { message: 'The variables could not be read.' }),
  };
}

async function variablesOf(session: Session): Promise<string[] | undefined> {
  // Between the look whether it is idle and this nothing else can begin.
  const run = session.begin(NAMES, { timeoutMs: 5_000 });
  const state = await run.settled();
  if (state.kind === 'approval') {
    run.abort('Nobody is asked about a look at the variables.');
    return undefined;
  }
  const [, names] = MARKED.exec(state.result.stdout) ?? [];
  if (state.result.status !== 'completed' || names === undefined) return undefined;
  return (JSON.parse(names) as string[]).filter((name) => !GIVEN.has(name));
}

const MARKED = new RegExp(`^${MARK}(\\[.*\\])$`, 'mu');
