import type { CodeFacts } from '../code-facts.ts';
import type { WorkflowTrust } from '../namespaces/workflows/workflow.ts';
import type { ToolAnnotations } from '../tool-sources/tool.ts';

/** `ask`: somebody has to approve. */
export type PolicyOutcome = 'allow' | 'ask' | 'deny';

/**
 * What a session allows: a preset, a rule, a function, or a list of them. The first of the list that has an answer
 * decides; without any answer the policy allows. A tool's own `needsApproval` and `deps.ask` ask all the same: of what
 * speaks about a call, the strictest holds.
 */
export type Policy = PolicyPart | readonly PolicyPart[];

export type PolicyPart = PolicyPreset | PolicyRule | PolicyFunction;

/**
 * - `allow-all` allows every call, installation and run.
 * - `ask-writes` asks about every call that is not marked read-only, and about every installation.
 * - `ask-all` asks about every call of a tool too.
 */
export type PolicyPreset = 'allow-all' | 'ask-writes' | 'ask-all';

/** Answers, or leaves the answer to what comes behind it. A throw denies. */
export type PolicyFunction = (request: PolicyRequest) => PolicyAnswer | Promise<PolicyAnswer>;

export type PolicyAnswer = PolicyOutcome | PolicyRuling | undefined;

export interface PolicyRuling {
  outcome: PolicyOutcome;
  /** Told to whoever is asked, and to the code when it is denied. */
  reason?: string;
}

/**
 * Answers what everything it names fits. A rule with `run` is about runs, one with `install` about installations; any
 * other is about calls, and an installation is the call that makes it.
 */
export interface PolicyRule extends PolicyRuling {
  /** E.g. `tools`. @defaultValue every namespace */
  namespace?: string | readonly string[];
  /**
   * A tool's name on the host, or the function of another namespace: `github.issues.close`, `workflows.delete`. `*` stands
   * for any text, dots included.
   */
  name?: string | readonly string[];
  /**
   * Hints that must be exactly so. What a tool does not say has MCP's default: not read-only, destructive, not idempotent,
   * open world.
   */
  annotations?: Omit<ToolAnnotations, 'title'>;
  /** Of the workflow that `workflows.invoke` runs; no other call has one. */
  trust?: WorkflowTrust | readonly WorkflowTrust[];
  /** The arguments the call would run with. */
  arguments?(args: Readonly<Record<string, unknown>>, call: PolicyCall | PolicyInstall): boolean | Promise<boolean>;
  /** Names of packages, with `*`; `true` for every one. Each package that is asked for is judged by itself. */
  install?: true | string | readonly string[];
  /** `true` for every run. The facts are what the syntax tells; code that cannot be parsed is denied. */
  run?: true | ((facts: CodeFacts, run: PolicyRun) => boolean | Promise<boolean>);
}

/** What a policy is asked. */
export type PolicyRequest = PolicyCall | PolicyInstall | PolicyRun;

interface About {
  sessionId: string;
  /** Absent when host code calls. */
  runId?: string;
  /** What whoever started the run passed as `context`. */
  runContext?: unknown;
}

interface AboutCall extends About {
  namespace: string;
  name: string;
  /** Checked, with defaults: what the call would run with. */
  arguments: Readonly<Record<string, unknown>>;
  annotations: ToolAnnotations;
  /** Of the workflow that is to run. */
  trust?: WorkflowTrust;
}

export interface PolicyCall extends AboutCall {
  kind: 'call';
}

/** One package that is to be installed. */
export interface PolicyInstall extends AboutCall {
  kind: 'install';
  /** E.g. `pandas`. */
  package: string;
  /** E.g. `pandas>=2,<3`. */
  requirement: string;
}

/** A run that is about to start. */
export interface PolicyRun extends About {
  kind: 'run';
  code: string;
  codeSha256: string;
  /** Parses the code, once. @throws CodeModeError `invalid_source` when it cannot be parsed */
  facts(): Promise<CodeFacts>;
}
