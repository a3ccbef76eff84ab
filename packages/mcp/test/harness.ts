import type { Executor } from '@code-mode/core';
import type { CodeModeConfig } from '@code-mode/core/config';
import { SubprocessExecutor } from '@code-mode/core/executors/subprocess';
import { Client, type ClientOptions, InMemoryTransport } from '@modelcontextprotocol/client';
import { afterAll, afterEach } from 'vitest';
import { createMcpServer } from '../src/create-mcp-server.ts';
import { connectionNotices, tellChanges } from '../src/library/change-notices.ts';
import { type McpHost, openMcpHost } from '../src/mcp-host.ts';

const cleanups: (() => unknown)[] = [];

/** Runs at the end of the test, last one first. */
export function atEnd(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

// One for all tests of a file: starting Python is most of what they would wait for.
const own = new SubprocessExecutor();
afterAll(() => own.close());
const stay = async () => {};
const executor: Executor = {
  name: own.name,
  features: own.features,
  isolation: () => own.isolation(),
  open: (options) => own.open(options),
  python: () => own.python(),
  close: stay,
  [Symbol.asyncDispose]: stay,
};

export async function openHost(config: CodeModeConfig = {}): Promise<McpHost> {
  const host = await openMcpHost({ config: { executor, ...config } });
  atEnd(() => host.close());
  return host;
}

/** A real client of the 2025 protocol on a server in this process. */
export async function connect(
  config: CodeModeConfig = {},
  options: ClientOptions = {},
  setUp?: (client: Client) => void,
) {
  const host = await openHost(config);
  const client = new Client({ name: 'test', version: '1' }, options);
  setUp?.(client);
  const server = createMcpServer(host, { era: 'legacy', client: host.clients.open() });
  tellChanges(host, connectionNotices(server, 'legacy'));
  const [here, there] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(there), client.connect(here)]);
  atEnd(() => client.close());
  return { host, client, ...callsOf(client) };
}

/** What a reply of a tool looks like, to any client. */
export interface Reply {
  content: { type: string; text?: string; data?: string; mimeType?: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
}

interface AnyClient {
  callTool(request: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
}

/** Shorter ways to call tools. */
export function callsOf(client: AnyClient) {
  const call = async (name: string, args: Record<string, unknown> = {}) =>
    (await client.callTool({ name, arguments: args })) as Reply;
  return {
    call,
    text: async (name: string, args?: Record<string, unknown>) => textOf(await call(name, args)),
    json: async (name: string, args?: Record<string, unknown>) => JSON.parse(textOf(await call(name, args))),
  };
}

export function textOf({ content }: Reply): string {
  return content.find(({ type }) => type === 'text')?.text ?? '';
}

/** A promise that the test settles. */
export function gate(): { opened: Promise<string>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { opened: promise, open: () => resolve('open') };
}
