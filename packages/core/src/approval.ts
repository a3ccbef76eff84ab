import { CodeModeError } from './errors.ts';
import type { JsonValue } from './run-result.ts';
import type { ToolAnnotations } from './tool-sources/tool.ts';

/**
 * A call, an installation or a run that waits for somebody's decision. Python waits in place meanwhile; its other threads
 * and tasks go on. Plain JSON.
 */
export interface ApprovalRequest {
  requestId: string;
  runId: string;
  /** `run`: the whole code is asked about, before any of it has run. */
  kind: 'call' | 'install' | 'run';
  /** Absent for a run. */
  callId?: number;
  /** E.g. `tools`; absent for a run. */
  namespace?: string;
  /** The tool's name on the host, e.g. `github.issues.close`; else the function, e.g. `deps.add`, or `runCode` for a run. */
  toolName: string;
  /** What the call would run with, defaults included; `code` for a run. What JSON cannot say is shown as text. */
  arguments: { [key: string]: JsonValue };
  /** What the tool says of itself. */
  annotations?: ToolAnnotations;
  /** Whether a decision may have other `arguments`. */
  editable: boolean;
  /** Line of the run's code that makes the call, as Python tells it. */
  line?: number;
  /** The text of that line. */
  lineText?: string;
  /** SHA-256 of the run's code, in hexadecimal. */
  codeSha256: string;
  /** Why the policy asks; absent when the tool itself does. */
  reason?: string;
  /** When it was made, in ms since 1970. */
  requestedAt: number;
}

/** The answer to one request. Plain JSON. */
export interface ApprovalDecision {
  requestId: string;
  approved: boolean;
  /** Said to the code when denied, e.g. why. */
  message?: string;
  /** Approves the call with these arguments in place of its own; they are checked again. */
  arguments?: { [key: string]: JsonValue };
  /**
   * `session`: the same call with the same arguments is not asked about again in this session.
   * @defaultValue 'once'
   */
  scope?: 'once' | 'session';
  /** Who decided, for the record. */
  by?: string;
  /** When, in ms since 1970. @defaultValue now */
  at?: number;
}

/** A decision as it is recorded. */
export type MadeDecision = ApprovalDecision & { at: number };

/**
 * A decision comes from a person's screen, by way of a framework: what is not clearly one is refused.
 * @throws CodeModeError `invalid_arguments`
 */
export function checkDecision(decision: ApprovalDecision, request: ApprovalRequest): MadeDecision {
  const { requestId, approved, message, arguments: edited, scope, by, at = Date.now() } = decision;
  const refuse = (problem: string): never => {
    throw new CodeModeError('invalid_arguments', `The decision on ${JSON.stringify(requestId)} ${problem}.`);
  };
  if (typeof approved !== 'boolean') refuse(`must say approved: true or false, not ${JSON.stringify(approved)}`);
  if (scope !== undefined && scope !== 'once' && scope !== 'session')
    refuse(`has scope ${JSON.stringify(scope)}; it is 'once' or 'session'`);
  if (message !== undefined && typeof message !== 'string') refuse('has a message that is not text');
  if (by !== undefined && typeof by !== 'string') refuse("has a 'by' that is not text");
  if (!Number.isFinite(at)) refuse("has an 'at' that is not a time in ms");
  if (edited !== undefined) {
    if (!approved) refuse('denies, so it cannot have arguments');
    if (typeof edited !== 'object' || edited === null || Array.isArray(edited))
      refuse('has arguments that are not an object');
    if (!request.editable)
      refuse(`has arguments, and those of ${request.toolName} cannot be edited; deny it and say what to change`);
  }
  return {
    requestId,
    approved,
    ...(message !== undefined && { message }),
    ...(edited !== undefined && { arguments: edited }),
    ...(scope !== undefined && { scope }),
    ...(by !== undefined && { by }),
    at,
  };
}
