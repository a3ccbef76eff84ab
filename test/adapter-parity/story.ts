import type { SessionLimits } from '@code-mode/core';

/** What a model does and people decide, in no framework's terms, and what must come of it in every one. */
export interface Story {
  name: string;
  /** The programs of the model, one for each step; with several conversations, those of each by its name. */
  programs: string[] | Record<string, string[]>;
  /** What people answer round by round, asked in the framework's own way; the last answer holds for later rounds. */
  decisions?: boolean[];
  /** What `onApproval` answers for a path: a text denies with that text. */
  onApproval?: (path: string) => boolean | string;
  limits?: Partial<SessionLimits>;
  /** The process is restarted while it waits: the decision reaches another code mode. */
  restarts?: true;
  /** What the tools did and what people were asked, in order: `delete a`, `asked a`. */
  log?: string[];
  /** Calls come at the same time, so their order says nothing. */
  unordered?: true;
  /** How each run ended: its status, or the reason when it was interrupted. */
  ends: string[];
  /** Runs that still wait for a decision when the loop has ended. @defaultValue 0 */
  waiting?: number;
  /** What the model reads of some run contains this. */
  reads?: string;
  /**
   * Adapters whose framework tells this in a way of its own, which the decision on adapters names: the model reads
   * something else, and with `own` the runs end otherwise. What was done and asked is the same.
   */
  differs?: Record<string, { own?: { ends: string[]; waiting: number } }>;
}

/** What came of a story in one framework, without what differs from run to run. */
export interface Telling {
  description: string;
  /** What the model read of each call. */
  seen: unknown;
  /** What the application got as the result of each call of the tool. */
  results: unknown;
  /** How every run ended, as the session tells it. */
  runs: { status: string; reason?: string }[];
  log: string[];
  answers: string[];
  /** Runs that have not ended when the loop has; closing code mode aborts them. */
  waiting: number;
  /** Processes that were started. None is left when code mode is closed, or the story cannot be told. */
  processes: number;
}
