import type { JsonSchema } from '../../tool-sources/tool.ts';

/** One workflow, as the library knows it now. */
export interface Workflow {
  name: string;
  /** The first line of the docstring of `run`, else of the module, else what was given when it was saved. */
  description: string;
  /** E.g. `workflows.fetch(*, city: str, days: int = 3) -> dict`. */
  signature: string;
  /** JSON Schema of the arguments, from the type hints of `run`. */
  inputSchema: JsonSchema;
  /** JSON Schema of the result, when `run` has a hint for it. */
  outputSchema?: JsonSchema;
  /** Absent for a file that was put into the store, or changed there, by hand. */
  version?: number;
  /** SHA-256 of the source: what `setTrust` approves. */
  hash: string;
  trust: WorkflowTrust;
  /** Python paths of the tools it names. */
  tools: string[];
  /** Names of the workflows it names. */
  workflows: string[];
  /** The packages it needs, as in its PEP 723 header. */
  requirements: string[];
  saved?: SaveRecord;
  stats: WorkflowStats;
  /** Why it cannot be used. The schema and the lists are empty then. */
  problem?: string;
}

export interface WorkflowSource extends Workflow {
  source: string;
}

/** `draft`: nobody has looked at this text. `trusted`: the host approved it. `blocked`: the host lets no version run. */
export type WorkflowTrust = 'draft' | 'trusted' | 'blocked';

/** Who saved a version, and when. */
export interface SaveRecord {
  /** ISO 8601. */
  at: string;
  /** The run whose code saved it; absent when the host did. */
  runId?: string;
  /** Absent for a text that was put into the store by hand. */
  sessionId?: string;
  /** The version that a rollback brought back. */
  restored?: number;
}

export interface WorkflowVersion {
  version: number;
  hash: string;
  description: string;
  tools: string[];
  requirements: string[];
  saved: SaveRecord;
  /** Whether a call runs this one. */
  current: boolean;
}

/** What its calls came to, in every session on the store. */
export interface WorkflowStats {
  /** Calls that began and are over. */
  runs: number;
  failures: number;
  meanMs?: number;
  lastRunAt?: string;
  lastError?: { message: string; at: string };
}
