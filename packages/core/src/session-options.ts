import type { ApprovalDecision, ApprovalRequest } from './approval.ts';
import type { DepsOptions } from './deps/options.ts';
import type { SessionEvent } from './events.ts';
import type { Executor } from './executors/executor.ts';
import type { JournalOptions } from './journal.ts';
import type { SessionLimits } from './limits.ts';
import type { WorkflowsOptions } from './namespaces/workflows/workflow-invocations.ts';
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
  /** For whom the session works, in the journal. @defaultValue the session's id */
  user?: string;
  /** The record of runs, calls, decisions and saves in the storage. @defaultValue on, when a storage is given */
  journal?: false | JournalOptions;
  /**
   * Asked when calls need approval and the run was started with `run()`. Requests made at the same time come together;
   * one that gets no decision is denied.
   * @defaultValue everything that needs approval is denied
   */
  onApproval?(requests: ApprovalRequest[]): ApprovalDecision[] | Promise<ApprovalDecision[]>;
  onEvent?(event: SessionEvent): void;
}
