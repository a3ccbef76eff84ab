import { randomUUID } from 'node:crypto';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { createMcpServer } from './create-mcp-server.ts';
import { connectionNotices, tellChanges } from './library/change-notices.ts';
import type { McpHost } from './mcp-host.ts';

/** Sessions of older clients that are open at once. */
const MAX_SESSIONS = 100;
/** Largest request that is taken, in bytes. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

interface LegacySession {
  transport: WebStandardStreamableHTTPServerTransport;
  close(): Promise<void>;
}

/** Clients of protocol versions before 2026 over HTTP: each has a session, named by the header `Mcp-Session-Id`. */
export class LegacySessions {
  readonly #host: McpHost;
  /** Least recently used first. */
  readonly #sessions = new Map<string, LegacySession>();

  constructor(host: McpHost) {
    this.#host = host;
  }

  async fetch(request: Request): Promise<Response> {
    const id = request.headers.get('mcp-session-id');
    if (id === null) return await this.#begin(request);
    const session = this.#sessions.get(id);
    // The specification's way to make the client start over.
    if (!session) return notFound();
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    return await session.transport.handleRequest(request);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.close()));
  }

  /** A request without a session that opens none is refused by the transport, and leaves nothing behind. */
  async #begin(request: Request): Promise<Response> {
    const session = await this.#open();
    const response = await session.transport.handleRequest(request);
    if (session.transport.sessionId === undefined) await session.close();
    return response;
  }

  async #open(): Promise<LegacySession> {
    const client = this.#host.clients.open();
    const server = createMcpServer(this.#host, { era: 'legacy', client });
    const stop = tellChanges(this.#host, connectionNotices(server, 'legacy'));
    const end = async () => {
      stop();
      if (transport.sessionId !== undefined) this.#sessions.delete(transport.sessionId);
      await this.#host.clients.close(client);
    };
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      maxRequestBodySize: MAX_BODY_BYTES,
      onsessioninitialized: (id) => {
        this.#sessions.set(id, session);
        this.#makeRoom();
      },
      onsessionclosed: end,
    });
    const session: LegacySession = {
      transport,
      close: async () => {
        await end();
        await server.close();
      },
    };
    await server.connect(transport);
    return session;
  }

  #makeRoom(): void {
    const [oldest] = this.#sessions.values();
    if (this.#sessions.size > MAX_SESSIONS && oldest) void oldest.close();
  }
}

function notFound(): Response {
  const error = { code: -32001, message: 'Session not found: initialize again.' };
  return Response.json({ jsonrpc: '2.0', error, id: null }, { status: 404 });
}
