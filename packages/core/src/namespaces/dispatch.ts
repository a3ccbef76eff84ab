import type { ApprovalDecision, ApprovalRequest } from '../approval.ts';
import { CodeModeError } from '../errors.ts';
import type { CallRecord, JsonValue } from '../run-result.ts';
import type { CallStartMessage, WireCallError } from '../wire/messages.ts';
import { decodeValue, type EncodedValue, encodeValue } from '../wire/values.ts';
import { CallFailure } from './call-failure.ts';

/** A host function that Python reached through a namespace. */
export interface NamespaceCall {
  runId: string;
  callId: number;
  function: string;
  /** The tool's host name, for `tools.call`. */
  name: string | undefined;
  arguments: Record<string, unknown>;
  line: number | undefined;
  signal: AbortSignal;
  runContext: unknown;
  /** Asks for approval of `subject`, e.g. a tool's host name; resolves when it is given. @throws CallFailure `denied` */
  approve(subject: string): Promise<void>;
}

/** One namespace, seen from the kernel. */
export interface Namespace {
  readonly name: string;
  /** Functions that carry on a call of this namespace, e.g. its next piece of data. They are not recorded as calls. */
  readonly parts?: ReadonlySet<string>;
  /** Functions that have a time limit of their own: `limits.callTimeoutMs` does not hold for them. */
  readonly selfLimited?: ReadonlySet<string>;
  /** How Python spells what the call names, e.g. `tools.github.list_issues`. */
  spell(call: { function: string; name: string | undefined }): string;
  /** @throws CallFailure what Python shall raise */
  handle(call: NamespaceCall): unknown;
  /** A run is over: what its calls left open is closed. May be told twice. */
  release?(runId: string): void;
}

/** A call as it begins. */
export interface StartedCall {
  callId: number;
  name: string;
  arguments: { [key: string]: JsonValue };
  line?: number;
  /** It carries on a call that is recorded. */
  isPart: boolean;
}

/** What dispatch needs of the run that makes the calls. */
export interface CallingRun {
  readonly id: string;
  readonly callTimeoutMs: number;
  /** What whoever started the run passed for the tools. */
  readonly context: unknown;
  ask(request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalDecision>;
  callStarted(record: StartedCall): void;
  callEnded(record: CallRecord, isPart: boolean): void;
}

/**
 * The only place where a kernel reaches host code. Lookup, validation, approval, time limit and record keeping sit
 * here once, so that no path goes round them. One per run.
 */
export class Dispatch {
  readonly #namespaces: ReadonlyMap<string, Namespace>;
  readonly #run: CallingRun;
  readonly #answer: (callId: number, answer: { result: EncodedValue } | { error: WireCallError }) => void;
  readonly #inFlight = new Map<
    number,
    { name: string; isPart: boolean; controller: AbortController; started: number }
  >();
  #requests = 0;

  constructor(
    namespaces: ReadonlyMap<string, Namespace>,
    run: CallingRun,
    answer: (callId: number, answer: { result: EncodedValue } | { error: WireCallError }) => void,
  ) {
    this.#namespaces = namespaces;
    this.#run = run;
    this.#answer = answer;
  }

  /** Serves one call and answers it once. Never throws. */
  async call(message: CallStartMessage, attachment: Uint8Array | undefined): Promise<void> {
    const { callId, line } = message;
    const namespace = this.#namespaces.get(message.namespace);
    if (!namespace || this.#inFlight.has(callId)) {
      const problem = namespace
        ? `call ${callId} is in flight already`
        : `this session has no namespace '${message.namespace}'`;
      this.#answer(callId, { error: { kind: 'namespace', message: problem } });
      return;
    }
    const name = namespace.spell({ function: message.function, name: message.name });
    const controller = new AbortController();
    const isPart = namespace.parts?.has(message.function) ?? false;
    this.#inFlight.set(callId, { name, isPart, controller, started: performance.now() });
    this.#run.callStarted({ callId, name, arguments: message.arguments, isPart, ...(line !== undefined && { line }) });
    try {
      const result = await this.#serve(namespace, message, attachment, controller);
      if (this.#settle(callId, 'completed')) this.#answer(callId, { result });
    } catch (thrown) {
      const error = toWireError(thrown, name);
      const status = error.kind === 'denied' ? 'denied' : error.kind === 'cancelled' ? 'cancelled' : 'failed';
      if (this.#settle(callId, status, error.message)) this.#answer(callId, { error });
    }
  }

  /** Python gave up waiting for a call: its host function is told. */
  cancel(callId: number): void {
    this.#inFlight
      .get(callId)
      ?.controller.abort(new CallFailure('cancelled', 'The code stopped waiting for this call.'));
  }

  /** The run is over or being stopped: every host function in flight is told, and none is waited for or answered. */
  cancelAll(reason: string): void {
    for (const [callId, { controller }] of [...this.#inFlight]) {
      this.#settle(callId, 'cancelled', reason);
      controller.abort(new CallFailure('cancelled', reason));
    }
    for (const namespace of this.#namespaces.values()) namespace.release?.(this.#run.id);
  }

  /** Records the end of a call; false when it had ended already. */
  #settle(callId: number, status: CallRecord['status'], error?: string): boolean {
    const call = this.#inFlight.get(callId);
    if (!call) return false;
    this.#inFlight.delete(callId);
    const durationMs = performance.now() - call.started;
    this.#run.callEnded(
      { callId, name: call.name, status, durationMs, ...(error !== undefined && { error }) },
      call.isPart,
    );
    return true;
  }

  async #serve(
    namespace: Namespace,
    message: CallStartMessage,
    attachment: Uint8Array | undefined,
    controller: AbortController,
  ): Promise<EncodedValue> {
    const { signal } = controller;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    // A race that the other side wins leaves this promise unheard.
    aborted.catch(() => {});
    const limit = new CallTimer(
      namespace.selfLimited?.has(message.function) ? Number.POSITIVE_INFINITY : this.#run.callTimeoutMs,
      controller,
    );
    try {
      const call: NamespaceCall = {
        runId: this.#run.id,
        callId: message.callId,
        function: message.function,
        name: message.name,
        arguments: decodeValue(message.arguments, attachment) as Record<string, unknown>,
        line: message.line,
        signal,
        runContext: this.#run.context,
        approve: (subject) => limit.pausedWhile(this.#approve(subject, message, signal)),
      };
      return encodeValue(await Promise.race([namespace.handle(call), aborted]));
    } finally {
      limit.stop();
    }
  }

  async #approve(subject: string, message: CallStartMessage, signal: AbortSignal): Promise<void> {
    const { callId, line, arguments: args } = message;
    const decision = await this.#run.ask(
      {
        requestId: `${this.#run.id}-a${++this.#requests}`,
        runId: this.#run.id,
        callId,
        // Never the name in the frame: Python could ask for one thing under the name of another.
        toolName: subject,
        arguments: args,
        ...(line !== undefined && { line }),
      },
      signal,
    );
    if (!decision.approved) throw new CallFailure('denied', decision.message ?? 'The call was denied.');
  }
}

/** The call's own time limit; it stands still while somebody is asked. */
class CallTimer {
  readonly #controller: AbortController;
  readonly #limitMs: number;
  #leftMs: number;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number, controller: AbortController) {
    this.#limitMs = limitMs;
    this.#leftMs = limitMs;
    this.#controller = controller;
    this.#resume();
  }

  async pausedWhile<T>(waiting: Promise<T>): Promise<T> {
    this.stop();
    this.#leftMs -= performance.now() - this.#since;
    const result = await waiting;
    this.#resume();
    return result;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #resume(): void {
    if (this.#limitMs === Number.POSITIVE_INFINITY) return;
    this.#since = performance.now();
    this.#timer = setTimeout(() => {
      const message = `The call took longer than ${this.#limitMs} ms (limits.callTimeoutMs).`;
      this.#controller.abort(new CallFailure('timeout', message));
    }, this.#leftMs);
  }
}

function toWireError(thrown: unknown, name: string): WireCallError {
  if (thrown instanceof CallFailure) {
    return { kind: thrown.kind, message: thrown.message, ...withDetails(thrown.details) };
  }
  if (CodeModeError.isInstance(thrown) && thrown.code === 'tool_not_found')
    return { kind: 'not-found', message: thrown.message };
  if (thrown instanceof TypeError && thrown.message.endsWith('cannot be sent to Python')) {
    return { kind: 'tool', message: `${name} returned ${thrown.message}.` };
  }
  const message = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return { kind: 'tool', message, ...withDetails((thrown as { details?: unknown } | null)?.details) };
}

/** Details that JSON cannot say are left out: they came with an error, and must not become another. */
function withDetails(details: unknown): { details?: JsonValue } {
  if (details === undefined) return {};
  try {
    const text = JSON.stringify(details);
    return text === undefined ? {} : { details: JSON.parse(text) as JsonValue };
  } catch {
    return {};
  }
}
