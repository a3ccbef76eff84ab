import { setTimeout } from 'node:timers/promises';
import type { McpHost } from './mcp-host.ts';
import type { HttpServer, HttpServerOptions } from './serve-http.ts';
import type { StdioServer } from './serve-stdio.ts';

/** Longest time to end politely, in ms. Past it the process ends; the zygote sees that, and ends every kernel. */
const GRACE_MS = 5_000;
/** Longest time that the server waits for Python to be on its way, in ms: its packages may be in a store far away. */
const WARM_UP_MS = 1_000;
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Serves until the client goes or a signal comes, then ends every process it has started and this one.
 * @param http serves over HTTP in place of stdin and stdout
 */
export async function serveUntilTheEnd(
  host: McpHost,
  http: HttpServerOptions | undefined,
  log: (line: string) => void,
): Promise<never> {
  const signal = new Promise<number>((resolve) => {
    for (const [name, code] of Object.entries(SIGNALS)) {
      process.once(name, () => {
        resolve(code);
        // Who asks twice does not want to wait.
        process.once(name, () => process.exit(code));
      });
    }
  });
  const server = http ? await overHttp(host, http) : await overStdio(host);
  if ('url' in server) log(`MCP server at ${server.url}`);
  const code = await Promise.race([signal, ...('closed' in server ? [server.closed.then(() => 0)] : [])]);
  void setTimeout(GRACE_MS, undefined, { ref: false }).then(() => process.exit(code));
  await Promise.allSettled([server.close(), host.close()]);
  process.exit(code);
}

/** A client waits for the start: Python starts while what serves the client loads. */
async function overStdio(host: McpHost): Promise<StdioServer> {
  await Promise.race([host.warmUp(), setTimeout(WARM_UP_MS)]);
  const { serveOverStdio } = await import('./serve-stdio.ts');
  return serveOverStdio(host);
}

/** What serves HTTP is loaded where it is wanted: a client over stdio waits for the start. */
async function overHttp(host: McpHost, options: HttpServerOptions): Promise<HttpServer> {
  const { serveOverHttp } = await import('./serve-http.ts');
  return await serveOverHttp(host, options);
}
