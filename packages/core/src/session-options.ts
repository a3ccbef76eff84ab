import type { ApprovalDecision, ApprovalRequest } from './approval.ts';
import type { DepsOptions } from './deps/options.ts';
import type { SessionEvent } from './events.ts';
import type { Executor } from './executors/executor.ts';
import type { JournalOptions } from './journal.ts';
import type { SessionLimits } from './limits.ts';
import type { Middleware } from './namespaces/middleware.ts';
import type { WorkflowsOptions } from './namespaces/workflows/workflow-invocations.ts';
import type { Policy } from './policy/policy.ts';
import type { Embed } from './search/embedding.ts';
import type { Storage } from './storage/storage.ts';
import type { Tool, ToolSource } from './tool-sources/tool.ts';

/** What a `Session` is made of. Everything has a default. */
export interface SessionOptions {
  /** Where Python runs. An executor passed in may serve many sessions and is closed by whoever made it. @defaultValue a shared `SubprocessExecutor` */
  executor?: Executor;
  /** What Python can call as `tools.…`: tools, and sources of tools. */
  tools?: Iterable<Tool | ToolSource>;
  /** Where workflows, artifacts and dependencies are kept. @defaultValue memory: they end with the process */
  storage?: Storage;
  /** What saved workflows may do. @defaultValue all but the blocked ones run */
  workflows?: WorkflowsOptions;
  /** What may be installed, and how. @defaultValue Python may add packages of the index that have a wheel */
  deps?: DepsOptions;
  /**
   * Lets `workflows.search` and `tools.search` find by meaning too: an AI SDK embedding model, or a function from texts
   * to vectors. The vectors are kept in the storage.
   * @defaultValue search by words alone
   */
  embed?: Embed;
  limits?: Partial<SessionLimits>;
  /**
   * What may be called, installed and run without asking, with asking, or not at all. What it denies is a
   * `PermissionError` in Python, with the reason.
   * @defaultValue everything that no tool's own `needsApproval` asks about
   */
  policy?: Policy;
  /** Denies every call that is not marked read-only, and every installation; no rule can allow it. @defaultValue false */
  readOnly?: boolean;
  /** Stands around every call, the first one outermost. */
  middleware?: readonly Middleware[];
  /** Spans for runs and calls, by the OpenTelemetry SDK of the process; needs `@opentelemetry/api`. @defaultValue false */
  tracing?: boolean;
  /** For whom the session works, in the journal. @defaultValue the session's id */
  user?: string;
  /** The record of runs, calls, decisions and saves in the storage. @defaultValue on, when a storage is given */
  journal?: false | JournalOptions;
  /**
   * Asked when calls need approval and the run was started with `run()`. Requests made at the same time come together;
   * one that gets no decision is denied. `signal` is aborted when nobody waits for the answer any more.
   * @defaultValue everything that needs approval is denied
   */
  onApproval?(
    requests: ApprovalRequest[],
    options: { signal: AbortSignal },
  ): ApprovalDecision[] | Promise<ApprovalDecision[]>;
  onEvent?(event: SessionEvent): void;
}
