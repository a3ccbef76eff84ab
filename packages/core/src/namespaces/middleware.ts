import type { ToolAnnotations } from '../tool-sources/tool.ts';
import { CallFailure } from './call-failure.ts';
import type { CallAbout, HostCall, NamespaceCall } from './namespace.ts';

/**
 * Stands around every call, the first one outermost. `next()` goes on, `next({ … })` with other arguments; they are
 * checked, and policy and approvals see them, after the last middleware. What it returns is what Python gets; what it
 * throws is a `ToolError`. Calling `next` again runs the call again, and asks again where it has to be asked, but not
 * after a no.
 */
export type Middleware = (call: MiddlewareCall, next: (args?: Record<string, unknown>) => Promise<unknown>) => unknown;

export interface MiddlewareCall {
  readonly namespace: string;
  /** A tool's name on the host, or the function with its namespace: `github.issues.close`, `artifacts.save`. */
  readonly name: string;
  /** As Python sent them, not checked yet. Those of other namespaces than `tools` may change with any version. */
  readonly arguments: Record<string, unknown>;
  readonly annotations: ToolAnnotations;
  /** Name of the workflow that `workflows.invoke` runs; no other call has one. */
  readonly workflow?: string;
  readonly sessionId: string;
  /** Absent when host code calls. */
  readonly runId?: string;
  readonly callId?: number;
  readonly line?: number;
  /** What whoever started the run passed as `context`. */
  readonly runContext?: unknown;
  readonly signal: AbortSignal;
  /** Ends the call: Python gets `ApprovalDeniedError`, a `PermissionError`, with this reason. */
  deny(reason: string): never;
}

/** Sends a call through the layers to `core`. */
export function throughMiddleware(
  layers: readonly Middleware[],
  call: MiddlewareCall,
  core: (args: Record<string, unknown>) => Promise<unknown>,
): Promise<unknown> {
  const step = async (index: number, args: Record<string, unknown>): Promise<unknown> => {
    const layer = layers[index];
    if (!layer) return await core(args);
    return await layer({ ...call, arguments: args }, (others = args) => step(index + 1, others));
  };
  return step(0, call.arguments);
}

export function toMiddlewareCall(
  namespace: string,
  call: HostCall & Partial<Pick<NamespaceCall, 'runId' | 'callId'>>,
  about: CallAbout & { sessionId: string },
): MiddlewareCall {
  const { name, annotations, workflow, sessionId } = about;
  const { arguments: args, signal, runContext, runId, callId, line } = call;
  return {
    namespace,
    name,
    arguments: args,
    annotations,
    ...(workflow !== undefined && { workflow }),
    sessionId,
    ...(runId !== undefined && { runId }),
    ...(callId !== undefined && { callId }),
    ...(line !== undefined && { line }),
    ...(runContext !== undefined && { runContext }),
    signal,
    deny: (reason) => {
      throw new CallFailure('denied', reason, { by: 'middleware' });
    },
  };
}
