import type { ApprovalDecision, ApprovalRequest, MadeDecision } from './approval.ts';
import { ComputeClock } from './compute-clock.ts';
import { crashDetail } from './crash-message.ts';
import type { SessionEvent } from './events.ts';
import type { Kernel, KernelExit } from './executors/executor.ts';
import { describeStop, KernelStop, type Stop } from './kernel-stop.ts';
import type { SessionLimits } from './limits.ts';
import type { CallServerOptions } from './namespaces/call-server.ts';
import { type CallingRun, Dispatch, type StartedCall } from './namespaces/dispatch.ts';
import type { Namespace } from './namespaces/namespace.ts';
import { ApprovalDesk } from './policy/approval-desk.ts';
import type { AskingRun } from './policy/ask-for-decisions.ts';
import type { AsyncContext, RunState } from './run.ts';
import { RunRecord } from './run-record.ts';
import type { CallRecord, Display, JsonValue, OutputChunk, ProgramError, RunResult } from './run-result.ts';
import type { RunTrace } from './tracing.ts';
import type { KernelToHostMessage, RunEndMessage } from './wire/messages.ts';
import { inlineBytes } from './wire/values.ts';

/** What a run needs of its session. */
export interface RunHost {
  readonly limits: SessionLimits;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** What stands between a call and its effect. */
  readonly rules: CallServerOptions;
  readonly trace?: RunTrace | undefined;
  /** For the tools this run calls. */
  readonly context?: unknown;
  asyncContext(): AsyncContext;
  emit(event: SessionEvent): void;
  /** Keeps the whole of a long output; see `RunOutput`. */
  saveOutput(runId: string, text: string): Promise<string | undefined>;
}

/** One run from the queue to its result. */
export class ActiveRun implements AskingRun, CallingRun {
  readonly id: string;
  readonly code: string;
  readonly timeoutMs: number;
  readonly limits: SessionLimits;
  readonly context: unknown;
  readonly asyncContext: () => AsyncContext;
  readonly trace: RunTrace | undefined;
  readonly finished: Promise<RunResult>;
  readonly #host: RunHost;
  readonly #desk: ApprovalDesk;
  readonly #record: RunRecord;
  #finish: (result: RunResult) => void = () => {};
  #break: (error: Error) => void = () => {};
  #wake: (() => void)[] = [];
  #kernel: Kernel | undefined;
  #dispatch: Dispatch | undefined;
  #clock: ComputeClock | undefined;
  #stop: Stop | undefined;
  #stopping: KernelStop | undefined;
  #ended = false;
  /** The kernel's CPU time when the run ended, in ms: where the next run's clock starts. */
  cpuMs = 0;

  constructor(host: RunHost, id: string, code: string, timeoutMs: number) {
    this.#host = host;
    this.id = id;
    this.code = code;
    this.timeoutMs = timeoutMs;
    this.limits = host.limits;
    this.context = host.context;
    this.asyncContext = host.asyncContext;
    this.trace = host.trace;
    this.#record = new RunRecord(id, host.limits, (text) => host.saveOutput(id, text));
    this.#desk = new ApprovalDesk({
      timeoutMs: host.limits.approvalTimeoutMs,
      changed: () => this.#approvalsChanged(),
      decided: (decision) => this.emit({ type: 'approval-decision', runId: id, decision }),
    });
    this.finished = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#break = reject;
    });
    // Who only decides or aborts need not wait for the end.
    this.finished.catch(() => {});
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Settles once an interrupt sent to the kernel cannot hit a later run any more. */
  get interruptDelivered(): Promise<unknown> {
    return this.#stopping?.delivered ?? Promise.resolve();
  }

  async settled(): Promise<RunState> {
    for (;;) {
      const changed = new Promise<void>((resolve) => this.#wake.push(resolve));
      if (this.#ended) return { kind: 'finished', result: await this.finished };
      const requests = this.#desk.requests;
      if (requests.length > 0) return { kind: 'approval', requests };
      await changed;
      await this.#desk.gathered();
    }
  }

  decide(decisions: ApprovalDecision | ApprovalDecision[]): void {
    this.#desk.decide(Array.isArray(decisions) ? decisions : [decisions]);
  }

  isWaiting(requestId: string): boolean {
    return this.#desk.has(requestId);
  }

  requestsClosed(requests: readonly ApprovalRequest[]): Promise<void> {
    return this.#desk.closed(requests);
  }

  abort(reason = 'The run was aborted.'): void {
    this.#interrupt({ reason: 'aborted', message: reason, killed: false });
  }

  /** The policy or a person said no before anything of it was executed. */
  deny(message: string): void {
    const denied = { status: 'interrupted', reason: 'denied', message, stateKept: true } as const;
    this.#endWith(() => ({ ...this.#record.base(), ...denied }));
  }

  /** Begins on a kernel. @param stateLost whether this kernel replaces one that was lost */
  start(kernel: Kernel, cpuMs: number, stateLost: boolean): void {
    this.#kernel = kernel;
    this.#record.start(stateLost);
    this.#dispatch = new Dispatch(this.#host.namespaces, this, this.#host.rules, (callId, answer, taken) => {
      if ('error' in answer) kernel.send({ type: 'call-end', callId, error: answer.error }, undefined, taken);
      else kernel.send({ type: 'call-end', callId, result: answer.result.value }, answer.result.attachment, taken);
    });
    this.#clock = new ComputeClock(
      this.timeoutMs,
      cpuMs,
      () => kernel.cpuTimeMs(),
      () => this.#timedOut(),
    );
    this.emit({ type: 'run-start', runId: this.id, code: this.code });
    this.#clock.start();
    kernel.send({ type: 'run-start', runId: this.id, code: this.code });
  }

  /** A message of this run's kernel that carries this run's id. */
  message(
    message: Exclude<KernelToHostMessage, { type: 'kernel-ready' | 'analysis' }>,
    attachment: Uint8Array | undefined,
  ): void {
    switch (message.type) {
      case 'run-output':
        this.#addOutput(message.stream, message.text, message.omittedBytes);
        return;
      case 'run-display': {
        const display: Display = { data: message.data, ...(message.isResult && { isResult: true }) };
        if (this.#record.displays.add(display)) this.emit({ type: 'display', runId: this.id, display });
        return;
      }
      case 'call-start':
        if (this.#stop) this.#refuseCall(message.callId, this.#stop.message);
        else void this.#dispatch?.call(message, attachment);
        return;
      case 'call-cancel':
        this.#dispatch?.cancel(message.callId);
        return;
      case 'run-end': {
        this.cpuMs = message.cpuMs;
        // Before the run counts as ended: bytes that point outside of the frame end the kernel, which then ends the run.
        const value = message.result === undefined ? undefined : inlineBytes(message.result, attachment);
        this.#endWith(() => this.#resultOf(message, value));
      }
    }
  }

  /** Bytes that C code or a subprocess wrote. */
  rawOutput(stream: OutputChunk['stream'], bytes: Uint8Array): void {
    this.#addOutput(stream, this.#record.output.decode(stream, bytes));
  }

  /** The kernel is gone. */
  kernelExited(exit: KernelExit): void {
    this.#endWith(() => {
      if (this.#stop) return this.#interrupted(this.#stop, false);
      const detail = crashDetail(exit, this.#record.output.stderrTail);
      return { ...this.#record.base(), status: 'crashed', detail };
    });
  }

  /** No kernel could be had for it. */
  fail(error: Error): void {
    if (this.#ended) return;
    this.#end();
    this.#break(error);
    this.#wakeAll();
  }

  ask(request: ApprovalRequest, signal?: AbortSignal): Promise<MadeDecision> {
    const decision = this.#desk.ask(request, signal);
    if (this.#desk.has(request.requestId)) this.emit({ type: 'approval-request', runId: this.id, request });
    return decision;
  }

  emit(event: SessionEvent): void {
    this.#host.emit(event);
  }

  callStarted(call: StartedCall | undefined): void {
    this.#clock?.callStarted();
    if (call) this.emit({ type: 'call-start', runId: this.id, ...call });
  }

  callEnded(record: CallRecord | undefined): void {
    this.#clock?.callEnded();
    if (!record) return;
    if (!this.#ended) this.#record.calls.push(record);
    this.emit({ type: 'call-end', runId: this.id, ...record });
  }

  #approvalsChanged(): void {
    this.#clock?.approvalsPending(this.#desk.requests.length > 0);
    this.#wakeAll();
  }

  #timedOut(): void {
    const message = `Python computed for more than ${this.timeoutMs} ms (timeoutMs).`;
    this.#interrupt({ reason: 'timeout', message, killed: false });
  }

  #interrupt(stop: Stop): void {
    if (this.#ended || this.#stop) return;
    this.#stop = stop;
    this.#clock?.stop();
    this.#dispatch?.cancelAll(stop.message);
    const kernel = this.#kernel;
    if (!kernel) {
      this.#endWith(() => this.#interrupted(stop, true));
      return;
    }
    this.#stopping = new KernelStop(kernel, stop, this.#host.limits.interruptGraceMs, () =>
      this.#endWith(() => this.#interrupted(stop, false)),
    );
  }

  #refuseCall(callId: number, message: string): void {
    this.#kernel?.send({ type: 'call-end', callId, error: { kind: 'cancelled', message } });
  }

  #interrupted(stop: Stop, stateKept: boolean): RunResult {
    const message = describeStop(stop, this.#host.limits.interruptGraceMs, stateKept);
    return { ...this.#record.base(), status: 'interrupted', reason: stop.reason, message, stateKept };
  }

  #resultOf(end: RunEndMessage, result: JsonValue | undefined): RunResult {
    if (this.#stop) return this.#interrupted(this.#stop, true);
    if (end.status === 'completed') return { ...this.#record.base(), status: 'completed', result };
    const error: ProgramError = end.error ?? {
      name: 'KeyboardInterrupt',
      message: 'The code interrupted itself.',
      traceback: 'KeyboardInterrupt',
    };
    return { ...this.#record.base(), status: 'failed', error };
  }

  #addOutput(stream: OutputChunk['stream'], text: string, omittedBytes = 0): void {
    if (this.#ended || (text === '' && omittedBytes === 0)) return;
    this.#record.output.add(stream, text, omittedBytes);
    if (text !== '') this.emit({ type: 'output', runId: this.id, stream, text });
  }

  #endWith(result: () => RunResult): void {
    if (this.#ended) return;
    // Calls that the code did not wait for end with it.
    this.#dispatch?.cancelAll('The run ended before this call did.');
    this.#end();
    const finish = () => {
      const final = result();
      this.#finish(final);
      this.emit({ type: 'run-end', runId: this.id, result: final });
      this.#wakeAll();
    };
    // The next run may read what this one printed.
    const settled = this.#record.output.settle();
    if (settled) void settled.then(finish);
    else finish();
  }

  #end(): void {
    this.#ended = true;
    this.#record.end();
    this.#clock?.stop();
    this.#desk.close();
    this.#stopping?.end();
  }

  #wakeAll(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const resolve of waiting) resolve();
  }
}
