import type { RunResult } from '@code-mode/core';
import type { CallToolResult } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { type Connection, clientOf, sessionArgument } from '../connection.ts';
import { DISPLAY_FIELDS, displayFields } from '../display-fields.ts';
import { MAIN_SESSION } from '../ipython/kernels.ts';
import { type CodeResult, runCode } from '../run-code.ts';
import { imageBlocks } from '../tool-reply.ts';

const RUN_OUTPUT = z.object({
  status: z.enum(['completed', 'failed', 'interrupted', 'crashed']),
  result: z.unknown().optional().describe('The value of the last expression.'),
  stdout: z.string(),
  stderr: z.string(),
  ...DISPLAY_FIELDS,
  error: z.string().optional().describe('What went wrong, with the traceback.'),
  calls: z.array(z.object({ name: z.string(), status: z.string(), duration_ms: z.number() })),
  duration_ms: z.number(),
  state_lost: z.boolean().optional().describe('Variables of earlier runs are gone.'),
  session_id: z.string().optional(),
});

/** `run_code` and `reset_session`. */
export function addRunTools(connection: Connection): void {
  const { server, host } = connection;
  server.registerTool(
    'run_code',
    {
      title: 'Run Python',
      description: host.describeRunCode(),
      inputSchema: z.object({
        code: z.string().describe('Python code. The value of the last expression is the result.'),
        timeout: z
          .number()
          .positive()
          .optional()
          .describe(`Seconds that Python may compute; ${host.maxTimeoutMs / 1000} at most.`),
        ...sessionArgument(connection),
      }),
      outputSchema: RUN_OUTPUT,
      annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
    },
    async (args, ctx) => {
      const client = clientOf(connection, args, ctx);
      const { code, timeout } = args;
      const timeoutMs = timeout === undefined ? undefined : Math.min(timeout * 1000, host.maxTimeoutMs);
      const outcome = await runCode({ client, session: MAIN_SESSION, code, timeoutMs }, connection, ctx);
      return outcome.question ?? runReply(outcome, connection.client ? undefined : client.id);
    },
  );
  server.registerTool(
    'reset_session',
    {
      title: 'Reset the Python session',
      description:
        'Starts Python anew and stops what it runs: variables, imports and functions are gone; workflows, artifacts and packages stay.',
      inputSchema: z.object(sessionArgument(connection)),
      outputSchema: z.object({ message: z.string(), session_id: z.string().optional() }),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    },
    async (args, ctx) => {
      const client = clientOf(connection, args, ctx);
      await client.session(MAIN_SESSION).reset();
      const sessionId = connection.client ? undefined : client.id;
      const message = 'The Python session is new.';
      return {
        content: [{ type: 'text', text: `${message}${sessionNote(sessionId)}` }],
        structuredContent: { message, ...(sessionId !== undefined && { session_id: sessionId }) },
      };
    },
  );
}

function runReply({ result, text, images }: CodeResult, sessionId: string | undefined): CallToolResult {
  const error = errorOf(result);
  const { stdout, stderr, durationMs, calls, stateLost } = result;
  const structuredContent = {
    status: result.status,
    ...(result.status === 'completed' && result.result !== undefined && { result: result.result }),
    stdout,
    stderr,
    ...displayFields(result),
    ...(error !== undefined && { error }),
    calls: calls.map(({ name, status, durationMs }) => ({ name, status, duration_ms: durationMs })),
    duration_ms: durationMs,
    ...(stateLost && { state_lost: true }),
    ...(sessionId !== undefined && { session_id: sessionId }),
  };
  const head = result.status === 'failed' ? `Error: ${result.error.name}: ${result.error.message}\n\n` : '';
  return {
    content: [{ type: 'text', text: `${head}${text}${sessionNote(sessionId)}` }, ...imageBlocks(images)],
    structuredContent,
    ...(result.status !== 'completed' && { isError: true }),
  };
}

function sessionNote(sessionId: string | undefined): string {
  return sessionId === undefined ? '' : `\n\n[session_id: ${sessionId}; pass it to keep using this session]`;
}

function errorOf(result: RunResult): string | undefined {
  switch (result.status) {
    case 'completed':
      return undefined;
    case 'failed':
      return result.error.traceback;
    case 'interrupted':
      return result.message;
    case 'crashed':
      return result.detail.message;
  }
}
