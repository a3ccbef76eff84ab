import { basename } from 'node:path';
import { CodeModeError } from '../../errors.ts';
import { type NamingOptions, nameInSession } from '../naming.ts';
import { pythonPath } from '../python-names.ts';
import type { Tool, ToolProblem, ToolSource } from '../tool.ts';
import { clientLibrary } from './client-library.ts';
import { type McpServerConfig, type McpServersConfig, readConfig, type ServerTarget } from './config.ts';
import { connect } from './connect.ts';
import type { Connection, ListedTool, McpClient } from './connection.ts';
import { StartFailure } from './failures.ts';
import { McpServer } from './mcp-server.ts';
import { toTool } from './to-tool.ts';

export interface FromMcpOptions extends NamingOptions {
  /** Time one call may take, in ms. @defaultValue only the session's `limits.callTimeoutMs` holds */
  timeoutMs?: number;
  /** Time a server may take to start, and again to list its tools, in ms. @defaultValue 30_000 */
  startTimeoutMs?: number;
  /** Whether a client that was passed in is closed with the last session that uses the source. @defaultValue false */
  closeClient?: boolean;
}

/** The tools of MCP servers. */
export interface McpToolSource extends ToolSource {
  tools(): Promise<Tool[]>;
  problems(): readonly ToolProblem[];
  /** The next run that needs tools asks every server for them anew, and tries again to start those that could not be. */
  refresh(): void;
  close(): Promise<void>;
}

/**
 * Offers the tools of MCP servers to Python: those of several servers as `tools.SERVER.TOOL(…)`, those of a single one
 * as `tools.TOOL(…)`, or as `tools.PREFIX.TOOL(…)` with `prefix`. Servers start at the same time, when a tool is first
 * needed or looked for. One that cannot is a problem (`session.tools.problems()`), and hides no other.
 * @param given one server, several as in an `mcp.json`, or a connected client of the MCP SDK v2
 * @example
 * ```ts
 * fromMcp({ command: 'npx', args: ['-y', '@modelcontextprotocol/server-memory'] }, { prefix: 'memory' });
 * fromMcp({ mcpServers: { github: { url: 'https://…', headers: { Authorization: `Bearer ${token}` } } } });
 * ```
 * @throws CodeModeError `invalid_options`; also from `tools()`, when the package `@modelcontextprotocol/client` is missing
 */
export function fromMcp(
  given: McpServerConfig | McpServersConfig | McpClient,
  options: FromMcpOptions = {},
): McpToolSource {
  return new McpSource(given, options);
}

/** A server, and what became of it. */
interface Member {
  server: McpServer;
  /** Its name as one of several: the group of its tools. */
  group: string | undefined;
}

const DEFAULT_START_TIMEOUT_MS = 30_000;

class McpSource implements McpToolSource {
  readonly name: string;
  readonly #options: FromMcpOptions;
  readonly #members: Member[];
  readonly #needsLibrary: boolean;
  readonly #watchers = new Set<() => void>();
  /** Of the configuration. */
  readonly #notes: ToolProblem[] = [];
  #problems: ToolProblem[] = [];

  constructor(given: unknown, options: FromMcpOptions) {
    this.#options = options;
    for (const key of ['timeoutMs', 'startTimeoutMs'] as const) checkMs(key, options[key]);
    if (isClient(given)) {
      this.name = options.prefix ?? 'mcp';
      this.#needsLibrary = false;
      this.#members = [{ group: undefined, server: this.#server(this.name, async () => this.#lent(given)) }];
      return;
    }
    const configured = readConfig(given);
    this.#needsLibrary = true;
    const names = configured.map(({ name, target }) => name ?? options.prefix ?? (target ? programOf(target) : 'mcp'));
    this.name =
      configured[0]?.name === undefined ? (names[0] ?? 'mcp') : (options.prefix ?? `mcp (${names.join(', ')})`);
    this.#members = configured.flatMap(({ name: group, target, unknownKeys }, index) => {
      const name = names[index] as string;
      const keys = unknownKeys.map((key) => `'${key}'`).join(', ');
      if (keys !== '') this.#note(name, `Its configuration says ${keys}, which means nothing here.`);
      if (!target) return [];
      const startTimeoutMs = options.startTimeoutMs ?? DEFAULT_START_TIMEOUT_MS;
      const server = this.#server(name, (signal, events) => connect({ target, startTimeoutMs, signal, events }));
      return [{ group, server }];
    });
  }

  async tools(): Promise<Tool[]> {
    if (this.#needsLibrary) await clientLibrary();
    const listed = await Promise.all(this.#members.map(({ server }) => settled(server.tools())));
    this.#problems = [];
    const tools = new Map<string, Tool>();
    for (const [index, { server, group }] of this.#members.entries()) {
      const result = listed[index] as ListedTool[] | Error;
      if (result instanceof Error) this.#problem(server.name, startProblem(server.name, result));
      else for (const tool of result) this.#add(tools, server, group, tool);
    }
    return [...tools.values()];
  }

  problems(): readonly ToolProblem[] {
    return [...this.#notes, ...this.#problems];
  }

  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  refresh(): void {
    for (const { server } of this.#members) server.forget();
    this.#changed();
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map(({ server }) => server.close()));
  }

  #server(name: string, open: ConstructorParameters<typeof McpServer>[0]['connect']): McpServer {
    const { timeoutMs, startTimeoutMs = DEFAULT_START_TIMEOUT_MS } = this.#options;
    return new McpServer({ name, timeoutMs, startTimeoutMs, connect: open, changed: () => this.#changed() });
  }

  /** A tool that cannot be offered is a problem, and hides no other. */
  #add(tools: Map<string, Tool>, server: McpServer, group: string | undefined, listed: ListedTool): void {
    const own = group === undefined ? listed.name : `${group}.${listed.name}`;
    try {
      const tool = toTool(server, listed, nameInSession(own, this.#options));
      const path = pythonPath(tool.name);
      const other = tools.get(path);
      if (other) throw new Error(`In Python it is \`tools.${path}\`, as '${other.name}' is; \`rename\` one of them.`);
      tools.set(path, tool);
    } catch (error) {
      this.#problem(own, (error as Error).message);
    }
  }

  #lent(client: McpClient): Connection {
    const close = async () => {
      if (this.#options.closeClient) await client.close?.();
    };
    return { client, ended: undefined, stderr: '', lose: () => {}, close };
  }

  #changed(): void {
    for (const changed of this.#watchers) changed();
  }

  #note(subject: string, message: string): void {
    this.#notes.push({ source: this.name, subject, message });
  }

  #problem(subject: string, message: string): void {
    this.#problems.push({ source: this.name, subject, message });
  }
}

function isClient(given: unknown): given is McpClient {
  const { listTools, callTool } = Object(given) as Partial<McpClient>;
  return typeof listTools === 'function' && typeof callTool === 'function';
}

async function settled(tools: Promise<ListedTool[]>): Promise<ListedTool[] | Error> {
  return await tools.catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
}

function startProblem(name: string, error: Error): string {
  if (!(error instanceof StartFailure)) return error.message;
  return `MCP server '${name}' could not be started: ${error.message}\n${error.advice}`;
}

/** What a single server without a prefix is called in messages. */
function programOf(target: ServerTarget): string {
  return target.transport === 'stdio' ? basename(target.command) : new URL(target.url).host;
}

function checkMs(name: string, value: unknown): void {
  if (value === undefined || (typeof value === 'number' && value >= 1 && value < 2 ** 31)) return;
  throw new CodeModeError('invalid_options', `fromMcp: ${name} must be a number of ms from 1 to ${2 ** 31 - 1}.`);
}
