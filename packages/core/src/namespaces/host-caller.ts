import { CodeModeError, type CodeModeErrorCode } from '../errors.ts';
import type { Tracing } from '../tracing.ts';
import { readableArguments } from '../wire/readable-value.ts';
import { CallFailure } from './call-failure.ts';
import type { GatedCall } from './call-gate.ts';
import { CallServer, type CallServerOptions } from './call-server.ts';
import type { CallSubject } from './namespace.ts';
import type { ToolCatalog } from './tool-catalog.ts';
import { ToolsNamespace } from './tools-namespace.ts';

export interface HostCallerOptions extends CallServerOptions {
  readonly tracing: Tracing | undefined;
}

/** Calls tools for host code, the same way as for Python: middleware, validation, policy, record. */
export class HostCaller {
  readonly #options: HostCallerOptions;
  readonly #server: CallServer;

  constructor(options: HostCallerOptions) {
    this.#options = options;
    this.#server = new CallServer(options);
  }

  /** @throws CodeModeError `tool_not_found`, `invalid_arguments`, `approval_required`, `approval_denied`; and whatever the tool throws */
  async call(
    catalog: ToolCatalog,
    name: string,
    input: Record<string, unknown>,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<unknown> {
    const { sessionId, tracing } = this.#options;
    if (!catalog.get(name)) throw catalog.notFound(name);
    const tools = new ToolsNamespace(catalog, sessionId, false);
    const call: GatedCall = {
      function: 'call',
      name,
      arguments: input,
      line: undefined,
      signal,
      runContext: undefined,
    };
    const serve = () => this.#server.serve(tools, call, (subject) => Promise.reject(needsApproval(subject)));
    // A tool may change its input.
    const shown = readableArguments(input);
    const started = performance.now();
    const record = (status: 'completed' | 'failed' | 'denied', error?: unknown) =>
      this.#options.emit({
        type: 'host-call',
        name: tools.spell(call),
        arguments: shown,
        status,
        durationMs: performance.now() - started,
        ...(error !== undefined && { error: error instanceof Error ? error.message : String(error) }),
      });
    try {
      const result = await (tracing ? tracing.call(name, serve) : serve());
      record('completed');
      return result;
    } catch (thrown) {
      const error = toHostError(thrown);
      const isDenied =
        CodeModeError.isInstance(error) && (error.code === 'approval_denied' || error.code === 'approval_required');
      record(isDenied ? 'denied' : 'failed', error);
      throw error;
    }
  }
}

const CODES: Partial<Record<CallFailure['kind'], CodeModeErrorCode>> = {
  arguments: 'invalid_arguments',
  denied: 'approval_denied',
};

function toHostError(thrown: unknown): unknown {
  const code = thrown instanceof CallFailure ? CODES[thrown.kind] : undefined;
  if (!(thrown instanceof CallFailure) || code === undefined) return thrown;
  return new CodeModeError(code, thrown.message, { details: thrown.details as Record<string, unknown> });
}

function needsApproval({ name }: CallSubject): CodeModeError {
  return new CodeModeError(
    'approval_required',
    `${name} needs approval; call it from a run, where somebody can be asked.`,
  );
}
