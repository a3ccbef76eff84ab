import type { Readable, Writable } from 'node:stream';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { createMcpServer } from './create-mcp-server.ts';
import { connectionNotices, tellChanges } from './library/change-notices.ts';
import type { McpHost } from './mcp-host.ts';

export interface StdioServer extends AsyncDisposable {
  /** Resolves when the client has closed its end. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Longest message that is taken, in bytes: code and what it carries. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** Serves one client over a pair of streams, the process's own unless others are given. */
export function serveOverStdio(
  host: McpHost,
  { stdin = process.stdin, stdout = process.stdout }: { stdin?: Readable; stdout?: Writable } = {},
): StdioServer {
  const client = host.clients.open();
  void host.warmUp();
  const stops: (() => void)[] = [];
  const transport = new StdioServerTransport(stdin, stdout, { maxBufferSize: MAX_MESSAGE_BYTES });
  const handle = serveStdio(
    ({ era }) => {
      const server = createMcpServer(host, { era, client });
      stops.push(tellChanges(host, connectionNotices(server, era)));
      return server;
    },
    { transport },
  );
  const closed = new Promise<void>((resolve) => {
    // `close` too: a pipe that breaks has no end.
    for (const event of ['end', 'close', 'error']) stdin.once(event, () => resolve());
    stdout.once('error', () => resolve());
  });
  const close = async () => {
    for (const stop of stops) stop();
    await handle.close();
    await host.clients.close(client);
  };
  return { closed, close, [Symbol.asyncDispose]: close };
}
