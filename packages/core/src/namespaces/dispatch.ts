import { hash } from 'node:crypto';
import type { ApprovalRequest, MadeDecision } from '../approval.ts';
import { findCredential } from '../credentials.ts';
import type { SessionEvent } from '../events.ts';
import type { SessionLimits } from '../limits.ts';
import { visibleLine } from '../prompts/visible-text.ts';
import type { AsyncContext } from '../run.ts';
import type { CallRecord, JsonValue } from '../run-result.ts';
import type { RunTrace } from '../tracing.ts';
import type { CallStartMessage, WireCallError } from '../wire/messages.ts';
import { readableArguments } from '../wire/readable-value.ts';
import { decodeValue, type EncodedValue, encodeValue, plainBytes } from '../wire/values.ts';
import { CallFailure, toWireError } from './call-failure.ts';
import type { AskAboutCall } from './call-gate.ts';
import { CallLimits } from './call-limits.ts';
import { CallServer, type CallServerOptions } from './call-server.ts';
import { CallTimer } from './call-timer.ts';
import type { CallSubject, Namespace, NamespaceCall } from './namespace.ts';
import { Places } from './places.ts';

/** Characters of a line of code that a request shows. */
const SHOWN_LINE = 500;
/** Parts that are carried on at once: each may hold a piece of data. */
const PARTS_AT_ONCE = 32;

/** A call as it begins. */
export interface StartedCall {
  callId: number;
  name: string;
  arguments: { [key: string]: JsonValue };
  line?: number;
}

/** What dispatch needs of the run that makes the calls. */
export interface CallingRun {
  readonly id: string;
  readonly code: string;
  readonly limits: SessionLimits;
  /** What whoever started the run passed for the tools. */
  readonly context: unknown;
  /** A kernel's messages come in the async context of whoever started it; calls belong into this one. */
  asyncContext(): AsyncContext;
  readonly trace: RunTrace | undefined;
  ask(request: ApprovalRequest, signal: AbortSignal): Promise<MadeDecision>;
  emit(event: SessionEvent): void;
  /** `call` is absent for one that carries on a call that is recorded. */
  callStarted(call: StartedCall | undefined): void;
  callEnded(record: CallRecord | undefined): void;
}

export type CallAnswer = { result: EncodedValue } | { error: WireCallError };

/** Tells Python; `taken` is to be called when it is not held in this process any more. */
export type AnswerCall = (callId: number, answer: CallAnswer, taken?: () => void) => void;

interface CallInFlight {
  name: string;
  isPart: boolean;
  controller: AbortController;
  started: number;
  /** Of a part: what it holds. */
  bytes: number;
}

/**
 * The only place where a kernel reaches host code. Limits, lookup, validation, policy, approval, time limit and record
 * keeping sit here once, so that no path goes round them. One per run.
 */
export class Dispatch {
  readonly #namespaces: ReadonlyMap<string, Namespace>;
  readonly #run: CallingRun;
  readonly #answer: AnswerCall;
  readonly #server: CallServer;
  readonly #limits: CallLimits;
  readonly #places: Places;
  readonly #partPlaces = new Places(PARTS_AT_ONCE);
  readonly #inFlight = new Map<number, CallInFlight>();
  readonly #warned = new Set<string>();
  #requests = 0;

  constructor(
    namespaces: ReadonlyMap<string, Namespace>,
    run: CallingRun,
    rules: CallServerOptions,
    answer: AnswerCall,
  ) {
    this.#namespaces = namespaces;
    this.#run = run;
    this.#answer = answer;
    this.#server = new CallServer({ ...rules, emit: (event) => run.emit(event) });
    this.#limits = new CallLimits(run.limits);
    this.#places = new Places(run.limits.maxConcurrentCalls);
  }

  /** Serves one call and answers it once. Never throws. */
  async call(message: CallStartMessage, attachment: Uint8Array | undefined): Promise<void> {
    const here = this.#run.asyncContext();
    await here(() => this.#call(message, attachment, here));
  }

  async #call(message: CallStartMessage, attachment: Uint8Array | undefined, here: AsyncContext): Promise<void> {
    const { callId } = message;
    const namespace = this.#namespaces.get(message.namespace);
    if (!namespace || this.#inFlight.has(callId)) {
      const problem = namespace
        ? `call ${callId} is in flight already`
        : `this session has no namespace '${message.namespace}'`;
      this.#answer(callId, { error: { kind: 'namespace', message: problem } });
      return;
    }
    const name = visibleLine(namespace.spell(message));
    const controller = new AbortController();
    const isPart = namespace.parts?.has(message.function) ?? false;
    if (!isPart && this.#limits.usedUp) {
      // What is refused without end would fill the record, which has the first of them.
      this.#answer(callId, { error: toWireError(this.#limits.tooMany(), name) });
      return;
    }
    const inFlight = { name, isPart, controller, started: performance.now(), bytes: 0 };
    this.#inFlight.set(callId, inFlight);
    // A part has its place until its answer has left: who does not read what he asked for gets no more.
    const taken = isPart ? () => this.#partPlaces.leave(controller) : undefined;
    try {
      const args = this.#started(message, attachment, inFlight);
      const result = await this.#serve(namespace, this.#callOf(message, args, here, controller.signal), controller);
      if (!isPart) this.#limits.answered(result.bytes);
      if (this.#settle(callId, 'completed')) this.#tell(callId, result, name, taken);
    } catch (thrown) {
      const error = toWireError(thrown, name);
      const status = error.kind === 'denied' ? 'denied' : error.kind === 'cancelled' ? 'cancelled' : 'failed';
      if (this.#settle(callId, status, error.message)) this.#answer(callId, { error }, taken);
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

  /** A result that no frame can hold is an error: without an answer Python would wait for ever. */
  #tell(callId: number, result: EncodedValue, name: string, taken: (() => void) | undefined): void {
    try {
      this.#answer(callId, { result }, taken);
    } catch (error) {
      const message = `${name} returned too much to be sent to Python (${(error as Error).message}); the call was made.`;
      this.#answer(callId, { error: { kind: 'limit', message } }, taken);
    }
  }

  /** Records that a call has begun, and returns its arguments. @throws CallFailure `limit`, and what a bad frame causes */
  #started(
    { callId, line, arguments: encoded }: CallStartMessage,
    attachment: Uint8Array | undefined,
    inFlight: CallInFlight,
  ): Record<string, unknown> {
    const { name } = inFlight;
    const plain = attachment === undefined ? plainBytes(encoded) : undefined;
    const sentBytes = () => plain ?? JSON.stringify(encoded).length + (attachment?.byteLength ?? 0);
    if (inFlight.isPart) {
      this.#run.callStarted(undefined);
      inFlight.bytes = sentBytes();
      this.#limits.beginPart(inFlight.bytes);
      return decodeValue(encoded, attachment) as Record<string, unknown>;
    }
    let args: Record<string, unknown> | undefined;
    try {
      args = decodeValue(encoded, attachment) as Record<string, unknown>;
    } finally {
      // What the listener gets is not what the tool gets: a tool may change its input.
      const shown = plain === undefined ? readableArguments(args ?? {}) : encoded;
      this.#run.callStarted({ callId, name, arguments: shown, ...(line !== undefined && { line }) });
    }
    this.#limits.admit(sentBytes());
    this.#warnOfCredential(name, args, line);
    return args;
  }

  /** Records the end of a call; false when it had ended already. */
  #settle(callId: number, status: CallRecord['status'], error?: string): boolean {
    const call = this.#inFlight.get(callId);
    if (!call) return false;
    this.#inFlight.delete(callId);
    const { name, isPart, controller, started, bytes } = call;
    if (isPart) {
      this.#limits.endPart(bytes);
      this.#run.callEnded(undefined);
      return true;
    }
    this.#places.leave(controller);
    const durationMs = performance.now() - started;
    this.#run.callEnded({ callId, name, status, durationMs, ...(error !== undefined && { error }) });
    return true;
  }

  #callOf(
    { callId, function: operation, name, line }: CallStartMessage,
    args: Record<string, unknown>,
    here: AsyncContext,
    signal: AbortSignal,
  ): NamespaceCall {
    const { id: runId, context: runContext } = this.#run;
    const inContext = <T>(effect: () => T) => {
      const now = this.#run.asyncContext();
      return now === here ? effect() : now(effect);
    };
    return { runId, callId, function: operation, name, arguments: args, line, signal, runContext, inContext };
  }

  async #serve(namespace: Namespace, call: NamespaceCall, controller: AbortController): Promise<EncodedValue> {
    const { signal } = controller;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    // A race that the other side wins leaves this promise unheard.
    aborted.catch(() => {});
    const isPart = namespace.parts?.has(call.function) ?? false;
    const place = (isPart ? this.#partPlaces : this.#places).enter(controller);
    if (place) await Promise.race([place, aborted]);
    const limitMs = namespace.selfLimited?.has(call.function)
      ? Number.POSITIVE_INFINITY
      : this.#run.limits.callTimeoutMs;
    const limit = new CallTimer(limitMs, controller);
    const ask: AskAboutCall = (subject, reason) =>
      limit.pausedWhile(this.#run.ask(this.#request(namespace, call, subject, reason), signal));
    const serve = () =>
      Promise.race([isPart ? performPart(namespace, call) : this.#server.serve(namespace, call, ask), aborted]);
    const trace = isPart ? undefined : this.#run.trace;
    try {
      return encodeValue(await (trace ? trace.call(namespace.about(call).name, call.callId, serve) : serve()));
    } finally {
      limit.stop();
    }
  }

  #request(
    namespace: Namespace,
    { callId, line }: NamespaceCall,
    { kind, name, arguments: args, annotations, editable }: CallSubject,
    reason: string | undefined,
  ): ApprovalRequest {
    const { id: runId, code } = this.#run;
    const lineText = line === undefined ? undefined : code.split('\n')[line - 1]?.trim().slice(0, SHOWN_LINE);
    return {
      requestId: `${runId}-a${++this.#requests}`,
      runId,
      kind,
      callId,
      namespace: namespace.name,
      // Never the name in the frame: Python could ask for one thing under the name of another.
      toolName: name,
      arguments: readableArguments(args),
      ...(Object.keys(annotations).length > 0 && { annotations }),
      editable,
      ...(line !== undefined && { line }),
      ...(lineText !== undefined && { lineText }),
      codeSha256: hash('sha256', code),
      ...(reason !== undefined && { reason }),
      requestedAt: Date.now(),
    };
  }

  /** Credentials belong on the host, where tools have them anyway. Told once for each argument. */
  #warnOfCredential(name: string, args: Record<string, unknown>, line: number | undefined): void {
    const place = findCredential(args);
    if (place === undefined || this.#warned.has(`${name} ${place}`)) return;
    this.#warned.add(`${name} ${place}`);
    const where = line === undefined ? `run ${this.#run.id}` : `line ${line} of run ${this.#run.id}`;
    const message = `The argument '${place}' of ${name} in ${where} looks like a credential. Keep credentials on the host: give them to the tool, not to the model.`;
    this.#run.emit({ type: 'warning', message });
  }
}

/** Carries on a call that passed the gate, or that passes it with its last part. */
async function performPart(namespace: Namespace, call: NamespaceCall): Promise<unknown> {
  const prepared = await namespace.prepare(call);
  return prepared.perform();
}
