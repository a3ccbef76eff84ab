import type { SessionEvent } from '../events.ts';
import type { SessionLimits } from '../limits.ts';
import type { JsonValue } from '../run-result.ts';
import type { HybridOptions } from '../search/hybrid.ts';
import type { Storage } from '../storage/storage.ts';
import type { DepsNamespace } from './deps-namespace.ts';
import type { WorkflowsOptions } from './workflows/workflow-invocations.ts';

/** What a session offers its namespaces. */
export interface SessionServices {
  readonly sessionId: string;
  readonly storage: Storage;
  readonly limits: SessionLimits;
  /** `deps.prepareInclude(requirements, …)` makes sure of the packages that Python's own code needs. */
  readonly deps: DepsNamespace;
  readonly workflows: WorkflowsOptions;
  /** How workflows and tools are searched. */
  readonly search: HybridOptions;
  emit(event: SessionEvent): void;
  /**
   * Parses Python with Python, in a fresh kernel that no model's code has touched; nothing of the source runs.
   * @throws CodeModeError when no kernel can be had
   */
  analyse(kind: AnalysisKind, source: string): Promise<JsonValue>;
}

/** `workflow`: what a workflow's source says of itself; `code`: what a program does. See the kernel's `analysis.py`. */
export type AnalysisKind = 'workflow' | 'code';
