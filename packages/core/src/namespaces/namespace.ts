import type { ToolAnnotations } from '../tool-sources/tool.ts';
import type { WorkflowTrust } from './workflows/workflow.ts';

/** What a call names. */
export interface CallTarget {
  function: string;
  /** The tool's host name, for `tools.call`. */
  name?: string | undefined;
}

/** A host function that somebody calls: Python, or host code. */
export interface HostCall extends CallTarget {
  arguments: Record<string, unknown>;
  line: number | undefined;
  signal: AbortSignal;
  runContext: unknown;
}

/** A host function that Python reached through a namespace. */
export interface NamespaceCall extends HostCall {
  runId: string;
  callId: number;
  /** Has the effect in the async context that the run has by then: another one after a resume. */
  inContext?<T>(effect: () => T): T;
}

/** One namespace, seen from the kernel. */
export interface Namespace<Call extends HostCall = NamespaceCall> {
  readonly name: string;
  /** Functions that carry on a call of this namespace, e.g. its next piece of data. They are not recorded as calls. */
  readonly parts?: ReadonlySet<string>;
  /** Functions that have a time limit of their own: `limits.callTimeoutMs` does not hold for them. */
  readonly selfLimited?: ReadonlySet<string>;
  /** How Python spells what the call names, e.g. `tools.github.list_issues`. */
  spell(call: CallTarget): string;
  /** What is known of a call before its arguments are. */
  about(call: CallTarget): CallAbout;
  /**
   * Looks a call up and checks its arguments, without any effect: that is for `perform`, which is only called once
   * nothing stands against it.
   * @throws CallFailure what Python shall raise
   */
  prepare(call: Call): PreparedCall | Promise<PreparedCall>;
  /** A run is over: what its calls left open is closed. May be told twice. */
  release?(runId: string): void;
}

export interface CallAbout {
  /** A tool's host name, or the function with its namespace: `github.list-issues`, `deps.add`. */
  readonly name: string;
  readonly annotations: ToolAnnotations;
  /** Name of the workflow that is to run. */
  readonly workflow?: string;
}

export interface PreparedCall {
  /** What has to be decided about; absent when there is nothing to decide, as with `tools.list`. */
  readonly subject?: CallSubject;
  perform(): unknown;
}

/** What a policy and people decide about. */
export interface CallSubject extends CallAbout {
  readonly kind: 'call' | 'install';
  /** What the call would run with. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Whether whoever approves may change the arguments. */
  readonly editable: boolean;
  /** All that an approval for the session is bound to: data. */
  readonly binding: unknown;
  /** Of the workflow that is to run. */
  readonly trust?: WorkflowTrust;
  /** What is to be installed. */
  readonly requirements?: readonly { readonly name: string; readonly text: string }[];
  /** The call's own gate, besides the policy. A throw counts as yes. */
  needsApproval?(): boolean | Promise<boolean>;
}
