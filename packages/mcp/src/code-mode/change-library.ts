import type { JsonValue } from '@code-mode/core';
import type { CallToolResult, InputRequiredResult, ServerContext } from '@modelcontextprotocol/server';
import type { Client } from '../clients.ts';
import { type Connection, clientOf } from '../connection.ts';
import { runCode } from '../run-code.ts';
import { errorReply } from '../tool-reply.ts';

/** No model's code runs in it, so nothing there stands in the way of ours. */
const LIBRARY_SESSION = 'library';

export interface LibraryChange {
  /** The call in Python. */
  call: string;
  /** Whose policy and approvals hold. @defaultValue that of the connection, else one for this change alone */
  client?: Client;
  /** Makes the reply of a change that failed. @defaultValue an error reply */
  refused?(text: string): CallToolResult;
}

/**
 * Makes a change that a tool asks for by a call from Python, as a program would: policy, approval, read-only mode and
 * the journal hold for it too.
 * @param reply makes the reply of what the call returned
 */
export async function changeLibrary<Reply>(
  { call, client: given, refused = (text) => errorReply(`Error: ${text}`) }: LibraryChange,
  reply: (result: JsonValue) => Reply | Promise<Reply>,
  connection: Connection,
  ctx: ServerContext,
): Promise<Reply | CallToolResult | InputRequiredResult> {
  const client = given ?? clientOf(connection, {}, ctx);
  const outcome = await runCode({ client, session: LIBRARY_SESSION, code: call }, connection, ctx);
  if (outcome.question) return outcome.question;
  if (!given && !connection.client) await connection.host.clients.close(client);
  const { result, text } = outcome;
  if (result.status === 'failed') return refused(`${result.error.name}: ${result.error.message}`);
  if (result.status !== 'completed') return refused(text);
  return await reply(result.result ?? null);
}

/** A text as Python writes it: what JSON escapes, Python reads the same. */
export function pythonText(text: string): string {
  return JSON.stringify(text);
}
