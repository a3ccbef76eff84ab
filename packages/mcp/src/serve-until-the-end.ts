import type { McpHost } from './mcp-host.ts';
import type { HttpServer, HttpServerOptions } from './serve-http.ts';
import { serveOverStdio } from './serve-stdio.ts';

/** Longest time to end politely, in ms. Past it the process ends; the zygote sees that, and ends every kernel. */
const GRACE_MS = 5_000;
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
  const server = http ? await overHttp(host, http) : serveOverStdio(host);
  if ('url' in server) log(`MCP server at ${server.url}`);
  const code = await Promise.race([signal, ...('closed' in server ? [server.closed.then(() => 0)] : [])]);
  setTimeout(() => process.exit(code), GRACE_MS).unref();
  await Promise.allSettled([server.close(), host.close()]);
  process.exit(code);
}

/** What serves HTTP is loaded where it is wanted: a client over stdio waits for the start. */
async function overHttp(host: McpHost, options: HttpServerOptions): Promise<HttpServer> {
  const { serveOverHttp } = await import('./serve-http.ts');
  return await serveOverHttp(host, options);
}
