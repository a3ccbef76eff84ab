/** What we use of the MCP SDK's v2 `Client`; anything with the same will do. */
export interface McpClient {
  listTools(
    params?: { cursor?: string },
    options?: { timeout?: number; cacheMode?: 'refresh' },
  ): Promise<{ tools: ListedTool[]; nextCursor?: string | undefined }>;
  callTool(
    params: { name: string; arguments?: Record<string, unknown> },
    options?: { signal?: AbortSignal; timeout?: number },
  ): Promise<{ content?: unknown; structuredContent?: unknown; isError?: boolean | undefined }>;
  getServerCapabilities?(): { tools?: object | undefined } | undefined;
  close?(): Promise<void>;
}

/** A tool as a server lists it. */
export interface ListedTool {
  name: string;
  title?: string | undefined;
  description?: string | undefined;
  inputSchema: object;
  outputSchema?: object | undefined;
  annotations?: object | undefined;
  execution?: { taskSupport?: string | undefined } | undefined;
}

/** A server that was reached. */
export interface Connection {
  readonly client: McpClient;
  /** How it ended, e.g. `exit code 1`; undefined while it is open. */
  readonly ended: string | undefined;
  /** What the server last wrote to its standard error. */
  readonly stderr: string;
  /** Gives it up: nothing more can come over it. */
  lose(how: string): void;
  close(): Promise<void>;
}

export interface ConnectionEvents {
  /** The server lists other tools than before. */
  toolsChanged(): void;
  /** The connection has ended by itself. */
  ended(): void;
}

/** Every tool that the server lists, page by page. @throws Error when the pages have no end */
export async function listTools(client: McpClient, timeoutMs: number): Promise<ListedTool[]> {
  // The SDK would print a line about it.
  if (client.getServerCapabilities && !client.getServerCapabilities()?.tools) return [];
  const tools: ListedTool[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await client.listTools(cursor === undefined ? undefined : { cursor }, {
      timeout: timeoutMs,
      cacheMode: 'refresh',
    });
    tools.push(...page.tools);
    cursor = page.nextCursor;
    if (cursor !== undefined && seen.has(cursor)) throw new Error('its list of tools comes in pages without an end');
    seen.add(cursor ?? '');
  } while (cursor !== undefined);
  return tools;
}
