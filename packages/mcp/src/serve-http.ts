import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CodeModeError } from '@code-mode/core';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, isLegacyRequest } from '@modelcontextprotocol/server';
import { createMcpServer } from './create-mcp-server.ts';
import { httpGuard, isLoopback, LOOPBACK } from './http-guard.ts';
import { LegacySessions, MAX_BODY_BYTES } from './legacy-sessions.ts';
import { tellChanges } from './library/change-notices.ts';
import type { McpHost } from './mcp-host.ts';

export interface HttpServerOptions {
  /** @defaultValue 0: a free one */
  port?: number;
  /** The address to listen on. Any but this machine's own needs a token. @defaultValue '127.0.0.1' */
  host?: string;
  /** What clients must send as `Authorization: Bearer …`. */
  token?: string | undefined;
  /** Further names of this server, as a proxy in front of it calls it. */
  allowHosts?: readonly string[];
}

export interface HttpServer extends AsyncDisposable {
  /** Where the clients connect, e.g. `http://127.0.0.1:8123/mcp`. */
  readonly url: string;
  close(): Promise<void>;
}

const PATH = '/mcp';

/**
 * Serves any number of clients over streamable HTTP, of both eras of the protocol.
 * @throws CodeModeError `invalid_options` for a public address without a token
 */
export async function serveOverHttp(
  mcp: McpHost,
  { port = 0, host = '127.0.0.1', token, allowHosts = [] }: HttpServerOptions = {},
): Promise<HttpServer> {
  if (token === '') throw new CodeModeError('invalid_options', 'The token is empty: give one, or none.');
  if (!isLoopback(host) && token === undefined)
    throw new CodeModeError(
      'invalid_options',
      `Whoever reaches ${host} could run code here, so that address needs a token: set CODE_MODE_MCP_TOKEN or --token-file, or leave --host out.`,
    );
  const guard = httpGuard({ hosts: [...LOOPBACK, bracketed(host), ...allowHosts], token });
  const legacy = new LegacySessions(mcp);
  const modern = createMcpHandler(({ era }) => createMcpServer(mcp, { era, client: undefined }), {
    legacy: 'reject',
    maxRequestBodySize: MAX_BODY_BYTES,
  });
  const stopTelling = tellChanges(mcp, {
    listChanged: () => modern.notify.resourcesChanged(),
    updated: (uri) => modern.notify.resourceUpdated(uri),
  });
  const fetch = async (request: Request): Promise<Response> => {
    const refused = guard(request);
    if (refused) return refused;
    if (new URL(request.url).pathname !== PATH) return new Response(`The server is at ${PATH}.\n`, { status: 404 });
    const isLegacy = await isLegacyRequest(request, undefined, { maxRequestBodySize: MAX_BODY_BYTES });
    return isLegacy ? await legacy.fetch(request) : await modern.fetch(request);
  };
  const server = createServer(toNodeHandler({ fetch }) as RequestListener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const close = async () => {
    stopTelling();
    const ended = new Promise((resolve) => server.close(resolve));
    await Promise.all([legacy.close(), modern.close()]);
    server.closeAllConnections();
    await ended;
  };
  const url = `http://${bracketed(host)}:${(server.address() as AddressInfo).port}${PATH}`;
  return { url, close, [Symbol.asyncDispose]: close };
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
