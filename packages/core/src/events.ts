import type { ApprovalRequest, MadeDecision } from './approval.ts';
import type { ArtifactEntry } from './namespaces/artifacts/artifact-entry.ts';
import type { WorkflowTrust } from './namespaces/workflows/workflow.ts';
import type { CallRecord, Display, JsonValue, OutputChunk, RunResult } from './run-result.ts';

/** What happens in a session, as it happens. A listener that throws is ignored. */
export type SessionEvent =
  | { type: 'kernel-start'; pythonVersion: string; pid: number | undefined }
  | { type: 'kernel-exit'; exitCode?: number; signal?: string; message?: string }
  | { type: 'run-start'; runId: string; code: string }
  /** `late`: written by a thread of a run that has ended; it is in no result. */
  | ({ type: 'output'; runId: string; late?: true } & OutputChunk)
  | { type: 'display'; runId: string; display: Display }
  | {
      type: 'call-start';
      runId: string;
      callId: number;
      name: string;
      arguments: { [key: string]: JsonValue };
      line?: number;
    }
  | ({ type: 'call-end'; runId: string } & CallRecord)
  | { type: 'approval-request'; runId: string; request: ApprovalRequest }
  | { type: 'approval-decision'; runId: string; decision: MadeDecision }
  /** A call was let through by an earlier decision for the session, that on `requestId`. */
  | { type: 'approval-reuse'; runId?: string; callId?: number; name: string; requestId: string }
  /** The policy denied a call, an installation or a run. */
  | {
      type: 'policy-denial';
      runId?: string;
      callId?: number;
      /** As in an approval request, e.g. `github.issues.close`. */
      name: string;
      reason: string;
      line?: number;
      /** Of a run that was denied. */
      codeSha256?: string;
    }
  /** Host code has called a tool; how it went is in the record. */
  | ({ type: 'host-call'; arguments: { [key: string]: JsonValue } } & Omit<CallRecord, 'callId'>)
  /** By a run, or by host code when there is no `runId`. */
  | { type: 'artifact-save'; runId?: string; artifact: ArtifactEntry }
  | { type: 'artifact-delete'; runId?: string; name: string }
  /** By a run, or by host code when there is no `runId`. */
  | { type: 'workflow-save'; runId?: string; name: string; version: number; hash: string }
  | { type: 'workflow-delete'; runId?: string; name: string }
  /** By host code: Python cannot. */
  | { type: 'workflow-trust'; name: string; trust: WorkflowTrust; hash: string }
  /** A line that the installer wrote while it installs what the session requires. */
  | { type: 'deps-progress'; requirements: string[]; line: string }
  /** Something that the host should know and that stops nothing. */
  | { type: 'warning'; message: string }
  | { type: 'run-end'; runId: string; result: RunResult };
