import { type McpResult, mcpValue } from '../mcp-result.ts';
import { ToolError } from '../tool.ts';
import { type Connection, type ConnectionEvents, type ListedTool, listTools } from './connection.ts';
import { callFailure, isSessionLost, isTransportError, listFailure } from './failures.ts';

/** setTimeout cannot wait longer. */
const UNLIMITED_MS = 2 ** 31 - 1;

export interface McpServerOptions {
  /** For messages. */
  name: string;
  timeoutMs: number | undefined;
  startTimeoutMs: number;
  /** @throws StartFailure */
  connect(signal: AbortSignal, events: ConnectionEvents): Promise<Connection>;
  /** It lists other tools than before. */
  changed(): void;
}

/** One server: connected to when it is first needed, and again by the first call after it has ended. */
export class McpServer {
  readonly name: string;
  readonly #options: McpServerOptions;
  #connection: Promise<Connection> | undefined;
  #listed: Promise<ListedTool[]> | undefined;
  /** What it listed the last time that it could. */
  #before: ListedTool[] | undefined;
  #starting = new AbortController();
  /** How it ended the last time. */
  #ended: string | undefined;

  constructor(options: McpServerOptions) {
    this.#options = options;
    this.name = options.name;
  }

  /**
   * Its tools: asked for once, and again after `forget`. One that had tools and cannot be reached now has them still: a
   * call will say what is wrong.
   * @throws Error when it could not be started, or not list its tools; the next time it is tried again
   */
  tools(): Promise<ListedTool[]> {
    this.#listed ??= this.#list().catch((error: unknown) => {
      this.#listed = undefined;
      if (this.#before === undefined) throw error;
      return this.#before;
    });
    return this.#listed;
  }

  /** The next `tools` asks again. */
  forget(): void {
    this.#listed = undefined;
  }

  /**
   * Calls a tool. A server that has ended is started again, once; a call that was on its way is never repeated.
   * @throws ToolError, CallFailure
   */
  async call(name: string, args: Record<string, unknown>, signal: AbortSignal): Promise<unknown> {
    const params = { name, arguments: args };
    let connection = await this.#connectAgain();
    for (let isRepeated = false; ; isRepeated = true) {
      signal.throwIfAborted();
      try {
        const timeout = this.#options.timeoutMs ?? UNLIMITED_MS;
        const { content, ...rest } = await connection.client.callTool(params, { signal, timeout });
        return mcpValue({ content: Array.isArray(content) ? content : [], ...rest } as McpResult);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof ToolError) throw error;
        const failure = callFailure(this.name, connection, error, this.#options.timeoutMs);
        if (isTransportError(error)) connection.lose('lost connection');
        if (isRepeated || !isSessionLost(error)) throw failure;
        connection = await this.#connectAgain();
      }
    }
  }

  /** Ends it. A later call starts it again. */
  async close(): Promise<void> {
    const connection = this.#connection;
    this.#starting.abort(new Error('it was closed while it started'));
    this.#starting = new AbortController();
    this.#connection = undefined;
    this.#listed = undefined;
    this.#before = undefined;
    this.#ended = undefined;
    await (await connection?.catch(() => undefined))?.close();
  }

  async #list(): Promise<ListedTool[]> {
    const connection = await this.#connect();
    try {
      this.#before = await listTools(connection.client, this.#options.startTimeoutMs);
      return this.#before;
    } catch (error) {
      throw listFailure(this.name, connection, error);
    }
  }

  async #connectAgain(): Promise<Connection> {
    const ended = this.#ended;
    this.#ended = undefined;
    try {
      const connection = await this.#connect();
      // What started again may be another version.
      if (ended !== undefined) this.#changed();
      return connection;
    } catch (error) {
      const before = ended === undefined ? '' : ` had ended (${ended}) and`;
      throw new ToolError(`MCP server '${this.name}'${before} could not be started: ${(error as Error).message}`);
    }
  }

  #changed(): void {
    this.forget();
    this.#options.changed();
  }

  #connect(): Promise<Connection> {
    this.#connection ??= this.#open();
    return this.#connection;
  }

  #open(): Promise<Connection> {
    let isOver = false;
    const over = () => {
      isOver = true;
      if (this.#connection === opening) this.#connection = undefined;
    };
    const opening: Promise<Connection> = this.#options.connect(this.#starting.signal, {
      toolsChanged: () => {
        if (!isOver) this.#changed();
      },
      ended: () => {
        over();
        void opening.then(({ ended }) => {
          this.#ended = ended;
        });
      },
    });
    opening.catch(over);
    return opening;
  }
}
