import { CodeModeError, type CodeModeErrorCode } from '@code-mode/core';
import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Client } from '../clients.ts';
import { changeLibrary, pythonText } from '../code-mode/change-library.ts';
import { type Connection, clientOf, sessionArgument } from '../connection.ts';
import { runCode } from '../run-code.ts';
import { fieldsReply, imageBlocks } from '../tool-reply.ts';
import { CHECK_FIELDS, checkSyntax } from './check-syntax.ts';
import { EXEC_FIELDS, execFields } from './exec-fields.ts';
import { kernelStatus, STATUS_FIELDS } from './kernel-status.ts';
import type { ClientKernel } from './kernels.ts';

const DEFAULT_TIMEOUT_S = 30;
const KERNEL_ID = z
  .string()
  .optional()
  .describe('Which kernel: an id that python_reset gave. Without it the default one.');
const SESSION = { session_id: z.string().optional() };
/** What `python_reset` and `python_interrupt` tell. */
const ACTION = z.object({
  success: z.boolean(),
  kernel_id: z.string().optional(),
  message: z.string().optional(),
  error: z.string().optional(),
  ...SESSION,
});

/**
 * The tools of ipython_mcp, with its arguments and JSON fields: `python_exec`, `python_reset`, `python_status`,
 * `python_interrupt`, `submit_code`. Each reply is one text of JSON, with images beside it and the same as
 * structured content.
 */
export function addIpythonTools(connection: Connection): void {
  const { server, host } = connection;
  const id = sessionArgument(connection);
  server.registerTool(
    'python_exec',
    {
      title: 'Run Python',
      description:
        'Runs Python code in a kernel that keeps its variables. Answers with stdout, stderr, the value of the last expression as `result`, and `error` with the traceback. Figures come as images.',
      inputSchema: z.object({
        code: z.string().describe('Python code.'),
        timeout: z
          .number()
          .positive()
          .optional()
          .describe(
            `Seconds that Python may compute: ${DEFAULT_TIMEOUT_S} without it, ${host.maxTimeoutMs / 1000} at most.`,
          ),
        kernel_id: KERNEL_ID,
        ...id,
      }),
      // Where there is no such kernel, there is only the error.
      outputSchema: z
        .object({ ...EXEC_FIELDS, ...SESSION })
        .partial()
        .required({ success: true }),
      annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
    },
    async (args, ctx) => {
      const { code, timeout = DEFAULT_TIMEOUT_S, kernel_id } = args;
      const client = clientOf(connection, args, ctx);
      const shared = connection.client ? {} : { session_id: client.id };
      const kernel = client.kernels.find(kernel_id);
      if (!kernel)
        return fieldsReply({
          success: false,
          error: unknownKernel(kernel_id, 'Create it first with python_reset().'),
          ...shared,
        });
      if (code.trim() === '')
        return fieldsReply({
          stdout: '',
          stderr: '',
          result: null,
          error: null,
          kernel_id: kernel.id,
          success: true,
          ...shared,
        });
      const timeoutMs = Math.min(timeout * 1000, host.maxTimeoutMs);
      const onEvent = client.kernels.note.bind(client.kernels, kernel);
      const outcome = await runCode({ client, session: kernel.session, code, timeoutMs, onEvent }, connection, ctx);
      if (outcome.question) return outcome.question;
      const reply = fieldsReply({ ...execFields(outcome.result, kernel.id), ...shared });
      return { ...reply, content: [...reply.content, ...imageBlocks(outcome.images)] };
    },
  );
  server.registerTool(
    'python_reset',
    {
      title: 'Start or restart a kernel',
      description:
        'Without kernel_id starts a new kernel and answers with its id; with one, stops what that kernel runs and starts it anew, without variables. `packages` are installed first.',
      inputSchema: z.object({
        packages: z.array(z.string()).optional().describe('Packages to have, such as "numpy>=1,<2".'),
        kernel_id: KERNEL_ID,
        ...id,
      }),
      outputSchema: ACTION,
      annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
    },
    async (args, ctx) => {
      const { packages = [], kernel_id } = args;
      const client = clientOf(connection, args, ctx);
      const shared = connection.client ? {} : { session_id: client.id };
      const known = kernel_id === undefined ? undefined : client.kernels.find(kernel_id);
      if (kernel_id !== undefined && !known)
        return fieldsReply({
          success: false,
          error: unknownKernel(kernel_id, 'Omit kernel_id to create a new kernel.'),
          ...shared,
        });
      const start = async () => await startKernel(connection, client, known);
      if (packages.length === 0) return await start();
      const call = `deps.add(*[${packages.map(pythonText).join(', ')}])\nNone`;
      const refused = (error: string) => fieldsReply({ success: false, error, ...shared });
      return await changeLibrary({ call, client, refused }, start, connection, ctx);
    },
  );
  server.registerTool(
    'python_status',
    {
      title: 'Look at a kernel',
      description:
        'Tells whether a kernel is there and busy, its Python version, packages and variables. Never disturbs what runs.',
      inputSchema: z.object({ kernel_id: KERNEL_ID, ...id }),
      outputSchema: z.object(STATUS_FIELDS),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async (args, ctx) => fieldsReply(await kernelStatus(clientOf(connection, args, ctx), args.kernel_id, host)),
  );
  server.registerTool(
    'python_interrupt',
    {
      title: 'Interrupt a kernel',
      description:
        'Stops the code that a kernel runs, and nothing that waits behind it. Variables stay when the code lets itself be stopped.',
      inputSchema: z.object({ kernel_id: KERNEL_ID, ...id }),
      outputSchema: ACTION,
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    },
    async (args, ctx) => fieldsReply(await interrupt(connection, args, ctx)),
  );
  server.registerTool(
    'submit_code',
    {
      title: 'Check a program',
      description:
        'Checks that code is valid Python without running or keeping it: {"ok": true}, or {"ok": false, "error": ...} with the line.',
      inputSchema: z.object({ code: z.string().describe('Python code.'), kernel_id: KERNEL_ID }),
      outputSchema: z.object(CHECK_FIELDS),
      annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
    },
    async ({ code }) => fieldsReply(await checkSyntax(code, host.checker())),
  );
}

async function startKernel(
  connection: Connection,
  client: Client,
  known: ClientKernel | undefined,
): Promise<CallToolResult> {
  try {
    const kernel = known ?? (await client.kernels.add());
    const session = client.kernels.open(kernel);
    if (session) await session.reset();
    else client.session(kernel.session);
    const packages = await connection.host.codeMode.session.deps.list();
    const having = packages.length === 0 ? 'no packages' : undefined;
    const message = `Session started${having ? ` (${having}).` : `. Packages: ${packages.join(', ')}`}`;
    return fieldsReply({
      success: true,
      kernel_id: kernel.id,
      message,
      ...(connection.client ? {} : { session_id: client.id }),
    });
  } catch (error) {
    if (!isCode(error, 'too_many_sessions')) throw error;
    return fieldsReply({ success: false, error: error.message });
  }
}

/** Waits until the run has ended, so that what is said is so. */
async function interrupt(
  connection: Connection,
  args: { kernel_id?: string | undefined },
  ctx: ServerContext,
): Promise<Record<string, unknown>> {
  const client = clientOf(connection, args, ctx);
  const kernel = client.kernels.find(args.kernel_id);
  if (!kernel) return { success: false, error: unknownKernel(args.kernel_id, 'python_status lists the kernels.') };
  const session = client.kernels.open(kernel);
  const about = { kernel_id: kernel.id };
  if (!session) return { success: false, ...about, message: 'No active session to interrupt.' };
  const run = kernel.running === undefined ? undefined : session.getRun(kernel.running);
  if (!run) return { success: true, ...about, message: 'Nothing was running. Session state preserved.' };
  run.abort('The code was interrupted by python_interrupt.');
  const state = await run.settled();
  const kept = state.kind === 'approval' || state.result.status !== 'interrupted' || state.result.stateKept;
  const message = kept
    ? 'Interrupt sent. Session state preserved.'
    : 'The code did not let itself be interrupted, so the kernel was killed. Its variables are gone; the next code starts a new one.';
  return { success: true, ...about, message };
}

function unknownKernel(id: string | undefined, advice: string): string {
  return `Kernel ${id} not found. ${advice}`;
}

function isCode(error: unknown, code: CodeModeErrorCode): error is CodeModeError {
  return CodeModeError.isInstance(error) && error.code === code;
}
