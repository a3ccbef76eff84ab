import type { Client, Transport } from '@modelcontextprotocol/client';
import manifest from '../../../package.json' with { type: 'json' };
import { type ClientLibrary, clientLibrary } from './client-library.ts';
import type { ServerTarget } from './config.ts';
import type { Connection, ConnectionEvents } from './connection.ts';
import { StartFailure, StartTimeout } from './failures.ts';
import { ServerProcess } from './server-process.ts';

/** How long an HTTP server is told that its session is over. */
const FAREWELL_MS = 2_000;

export interface ConnectOptions {
  target: ServerTarget;
  startTimeoutMs: number;
  /** Ends the attempt. */
  signal: AbortSignal;
  events: ConnectionEvents;
}

/**
 * Starts or reaches a server, in whichever protocol era it speaks.
 * @throws StartFailure when it cannot be done in time; CodeModeError `invalid_options` without the SDK
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const library = await clientLibrary();
  const time = new AbortController();
  // Keeps Node alive, unlike `AbortSignal.timeout`: somebody waits for the server.
  const timer = setTimeout(() => time.abort(new StartTimeout()), options.startTimeoutMs);
  try {
    return await connectWithin(AbortSignal.any([options.signal, time.signal]), library, options);
  } finally {
    clearTimeout(timer);
  }
}

async function connectWithin(limit: AbortSignal, library: ClientLibrary, options: ConnectOptions): Promise<Connection> {
  const first = new Attempt(library, options, 'auto');
  const error = await first.run(limit);
  if (error === undefined) return first;
  // Some servers of the older era end at a question they do not know: they are started again and asked in their own.
  const mayBeOlder = first.process?.pid !== undefined && first.ended !== undefined && !limit.aborted;
  if (!mayBeOlder) throw new StartFailure(options, error, first.process);
  const second = new Attempt(library, options, 'legacy');
  const again = await second.run(limit);
  if (again !== undefined) throw new StartFailure(options, again, second.process);
  return second;
}

/** One try to connect, and the connection that comes of it. */
class Attempt implements Connection {
  readonly client: Client;
  readonly process: ServerProcess | undefined;
  readonly #options: ConnectOptions;
  readonly #transport: Transport;
  #lost: string | undefined;
  #open = false;

  constructor(library: ClientLibrary, options: ConnectOptions, mode: 'auto' | 'legacy') {
    const { target, startTimeoutMs, events } = options;
    this.#options = options;
    this.client = new library.Client(
      { name: 'code-mode', version: manifest.version },
      {
        // The transport of before has only servers of before.
        versionNegotiation: {
          mode: target.transport === 'sse' ? 'legacy' : mode,
          // An old program may leave the question unanswered; an address that answers nothing is none.
          probe: { timeoutMs: target.transport === 'stdio' ? startTimeoutMs / 3 : startTimeoutMs },
        },
        inputRequired: { autoFulfill: false },
        listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => events.toolsChanged() } },
      },
    );
    this.client.fallbackRequestHandler = async ({ method }) => {
      const message = `code-mode does not answer ${method}: no person and no model can be asked during a tool call.`;
      throw new library.ProtocolError(library.ProtocolErrorCode.MethodNotFound, message);
    };
    if (target.transport === 'stdio') {
      const env = { ...library.getDefaultEnvironment(), ...target.env };
      this.process = new ServerProcess(target, env, library);
      this.process.onended = () => this.#ended();
      this.#transport = this.process;
      return;
    }
    const url = new URL(target.url);
    const init = { requestInit: { headers: target.headers } };
    if (target.transport === 'http') {
      this.#transport = new library.StreamableHTTPClientTransport(url, init);
      return;
    }
    this.#transport = new library.SSEClientTransport(url, init);
    // A new stream would be another session, in which the server knows nothing of us.
    this.client.onerror = (error) => {
      if (this.#open && error instanceof library.SseError) this.lose('lost event stream');
    };
  }

  get ended(): string | undefined {
    return this.#lost ?? this.process?.ended;
  }

  get stderr(): string {
    return this.process?.stderr ?? '';
  }

  /** @returns what went wrong, when something did; nothing is left of it then */
  async run(limit: AbortSignal): Promise<unknown> {
    const stopped = new Promise<never>((_, reject) => {
      if (limit.aborted) reject(limit.reason);
      limit.addEventListener('abort', () => reject(limit.reason), { once: true });
    });
    const { startTimeoutMs: timeout } = this.#options;
    const connected = this.client.connect(this.#transport, { timeout });
    connected.catch(() => {});
    try {
      await Promise.race([connected, stopped]);
      this.#open = true;
      return undefined;
    } catch (error) {
      await this.#transport.close().catch(() => {});
      return error ?? new Error('unknown');
    }
  }

  lose(how: string): void {
    if (this.ended !== undefined) return;
    this.#lost = how;
    void this.client.close().catch(() => {});
    this.#ended();
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = false;
    if (open && 'terminateSession' in this.#transport) {
      const farewell = (this.#transport as { terminateSession(): Promise<void> }).terminateSession();
      await Promise.race([
        farewell.catch(() => {}),
        new Promise((resolve) => setTimeout(resolve, FAREWELL_MS).unref()),
      ]);
    }
    await this.client.close();
  }

  #ended(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#options.events.ended();
  }
}
