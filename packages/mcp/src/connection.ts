import { randomBytes } from 'node:crypto';
import { createRequestStateCodec, type McpServer, type ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { PausedCall } from './approvals.ts';
import type { Client } from './clients.ts';
import type { McpHost } from './mcp-host.ts';
import type { Turns } from './turns.ts';

/** What the tools know of the connection, or over stateless HTTP of the request, that they serve. */
export interface Connection {
  readonly host: McpHost;
  readonly server: McpServer;
  readonly era: 'legacy' | 'modern';
  /** Undefined over stateless HTTP: there the argument `session_id` says who calls. */
  readonly client: Client | undefined;
  readonly turns: Turns;
}

/** Seals what a paused call comes back with, so that nobody can make one up. */
export const pausedCalls = createRequestStateCodec<PausedCall>({ key: randomBytes(32), ttlSeconds: 3_600 });

/** The argument that every tool with a session takes where connections are none. */
export function sessionArgument({ client }: Connection): { session_id?: typeof SESSION_ID } {
  return client ? {} : { session_id: SESSION_ID };
}

const SESSION_ID = z
  .string()
  .optional()
  .describe('The session_id of an earlier result: variables of that session are there. Without it the session is new.');

/**
 * Who calls: the client of the connection, or the one that the arguments name, or a new one.
 * @throws CodeModeError `session_key_missing`
 */
export function clientOf({ client, host }: Connection, args: object, ctx: ServerContext): Client {
  if (client) return client;
  const paused = ctx.mcpReq.requestState<PausedCall>();
  const id = paused?.sessionId ?? (args as { session_id?: string }).session_id;
  return id === undefined ? host.clients.openById() : host.clients.find(id);
}
