import { createCodeTool, type OpenCodeMode, openCodeMode, Session, type SessionEvent } from '@code-mode/core';
import { type LoadedConfig, openConfig, type ToolFamily } from '@code-mode/core/config';
import { Clients } from './clients.ts';

/** What `openMcpHost` takes: a loaded config, and who is told. */
export interface McpHostOptions extends Pick<LoadedConfig, 'config'> {
  /** Told what the operator should know; one line each. @defaultValue nobody */
  log?(line: string): void;
}

/** What all connections of one server share: the sessions, and the storage behind them. */
export interface McpHost extends AsyncDisposable {
  readonly codeMode: OpenCodeMode;
  readonly clients: Clients;
  readonly families: readonly ToolFamily[];
  /** Whether Python may add and remove packages. */
  readonly runtimeDeps: boolean;
  /** A session for the server's own code: it has no tools and no policy, and no model's code runs in it. */
  checker(): Session;
  /** Longest time that a call may ask for, in ms. */
  readonly maxTimeoutMs: number;
  /** Of the kernels, once one has started. */
  pythonVersion(): string | undefined;
  /** What the model reads of `run_code`, with the tools known now. */
  describeRunCode(): string;
  /** Whether what is saved outlives this process. */
  readonly durable: boolean;
  /** Resolves when the packages of the config are installed. @throws CodeModeError `install_failed` */
  ready(): Promise<void>;
  /**
   * Starts Python while the server loads and the client greets it. Resolves once that is on its way, and never rejects:
   * what goes wrong is told by the first run.
   */
  warmUp(): Promise<void>;
  /** Tells saves and deletions of artifacts and workflows. Returns how to stop. */
  onEvent(listener: (event: SessionEvent) => void): () => void;
  /** Ends every session and Python. Safe to call twice. */
  close(): Promise<void>;
}

/** How long the session of a client stays without a run. */
const IDLE_MS = 4 * 3_600_000;
const MAX_TIMEOUT_MS = 300_000;

/** @throws CodeModeError `invalid_options` */
export async function openMcpHost({ config, log = () => {} }: McpHostOptions): Promise<McpHost> {
  const opened = await openConfig({ config });
  const listeners = new Set<(event: SessionEvent) => void>();
  let pythonVersion: string | undefined;
  const { codeMode } = openCodeMode<{ key: string }>({
    ...opened.options,
    idleMs: IDLE_MS,
    sessionKey: ({ key }) => key,
    onEvent: (event) => {
      if (event.type === 'kernel-start') pythonVersion = event.pythonVersion;
      if (event.type === 'warning') log(event.message);
      for (const listener of listeners) listener(event);
      opened.options.onEvent?.(event);
    },
  });
  const description = createCodeTool(codeMode.session);
  let checker: Session | undefined;
  let installed: Promise<unknown> | undefined;
  let warm: Promise<void> | undefined;
  const install = async () => {
    if (opened.packages.length > 0) await codeMode.session.deps.add(opened.packages);
  };
  const close = async () => {
    await Promise.all([codeMode.close(), checker?.close()]);
    await opened.close();
  };
  return {
    codeMode,
    clients: new Clients(codeMode.sessions),
    families: config.mcp?.families ?? ['code-mode'],
    runtimeDeps: config.deps?.allowRuntime !== false,
    checker: () => {
      checker ??= new Session({ executor: opened.options.executor });
      return checker;
    },
    maxTimeoutMs: config.limits?.timeoutMs ?? MAX_TIMEOUT_MS,
    pythonVersion: () => pythonVersion,
    describeRunCode: () => description.description(),
    durable: opened.options.storage.features.durable !== 'no',
    ready: async () => {
      // Tried again by the next call: the index may be back by then.
      installed ??= install().catch((error: unknown) => {
        installed = undefined;
        throw error;
      });
      await installed;
    },
    // With packages to install first, it would be another Python.
    warmUp: async () => {
      if (opened.packages.length > 0) return;
      warm ??= codeMode.session.warmUp();
      await warm;
    },
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
