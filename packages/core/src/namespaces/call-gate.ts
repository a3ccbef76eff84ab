import type { MadeDecision } from '../approval.ts';
import type { SessionEvent } from '../events.ts';
import { editedArguments } from '../policy/edited-arguments.ts';
import type { PolicyRuling } from '../policy/policy.ts';
import type { PolicyJudge } from '../policy/policy-judge.ts';
import type { RememberedApprovals } from '../policy/remembered-approvals.ts';
import { CallFailure } from './call-failure.ts';
import type { CallSubject, HostCall, Namespace, NamespaceCall, PreparedCall } from './namespace.ts';

/** A call as it comes to the gate. Host code's has no run. */
export type GatedCall = HostCall & Partial<Pick<NamespaceCall, 'runId' | 'callId' | 'inContext'>>;

export interface CallGateOptions {
  readonly sessionId: string;
  readonly policy: PolicyJudge | undefined;
  readonly remembered: RememberedApprovals;
  emit(event: SessionEvent): void;
}

/** Somebody who can be asked about this call. @throws CallFailure */
export type AskAboutCall = (subject: CallSubject, reason: string | undefined) => Promise<MadeDecision>;

/** What stands between a call that was checked and its effect: the policy, the call's own gate, and people. */
export class CallGate {
  readonly #options: CallGateOptions;

  constructor(options: CallGateOptions) {
    this.#options = options;
  }

  /**
   * The call that may be performed: the given one, or one with the arguments that a person put in their place.
   * Undefined when there is nothing to decide, which costs nothing.
   * @throws CallFailure `denied`; `arguments` for edited ones that do not fit
   */
  pass<Call extends GatedCall>(
    namespace: Namespace<Call>,
    call: Call,
    prepared: PreparedCall,
    ask: AskAboutCall,
  ): Promise<PreparedCall> | undefined {
    const { subject } = prepared;
    if (subject === undefined) return undefined;
    if (this.#options.policy === undefined && subject.needsApproval === undefined) return undefined;
    return this.#decide(namespace, call, { subject, prepared }, ask);
  }

  async #decide<Call extends GatedCall>(
    namespace: Namespace<Call>,
    call: Call,
    { subject, prepared }: { subject: CallSubject; prepared: PreparedCall },
    ask: AskAboutCall,
  ): Promise<PreparedCall> {
    const { outcome, reason } = await this.#judge(namespace, call, subject);
    if (outcome !== 'ask' && !(await needsApproval(subject))) return prepared;
    const requestId = this.#options.remembered.find(subject);
    if (requestId !== undefined) {
      const { runId, callId } = call;
      this.#options.emit({ type: 'approval-reuse', ...ids(runId, callId), name: subject.name, requestId });
      return prepared;
    }
    const decision = await ask(subject, outcome === 'ask' ? reason : undefined);
    if (!decision.approved)
      throw new CallFailure('denied', decision.message ?? 'The call was denied.', { by: 'approval' });
    const decided =
      decision.arguments === undefined
        ? { subject, prepared }
        : await this.#edited(namespace, call, subject, decision.arguments);
    if (decision.scope === 'session') this.#options.remembered.add(decided.subject, decision.requestId);
    return decided.prepared;
  }

  /** @throws CallFailure `denied` */
  async #judge(namespace: Namespace<never>, call: GatedCall, subject: CallSubject): Promise<PolicyRuling> {
    const { policy, sessionId, emit } = this.#options;
    if (policy === undefined) return { outcome: 'allow' };
    const { name, annotations, arguments: args, trust, requirements } = subject;
    const { runId, callId, line, runContext } = call;
    const about = {
      sessionId,
      ...(runId !== undefined && { runId }),
      ...(runContext !== undefined && { runContext }),
      namespace: namespace.name,
      name,
      arguments: args,
      annotations,
      ...(trust !== undefined && { trust }),
    };
    const requests =
      subject.kind === 'call'
        ? [{ ...about, kind: 'call' as const }]
        : (requirements ?? []).map((item) => ({
            ...about,
            kind: 'install' as const,
            package: item.name,
            requirement: item.text,
          }));
    let strictest: PolicyRuling = { outcome: 'allow' };
    for (const request of requests) {
      const ruling = await policy.judge(request);
      if (ruling.outcome === 'deny') {
        const reason = ruling.reason ?? 'the policy of this session does not allow it.';
        const what = request.kind === 'install' ? `Installing ${request.package}` : namespace.spell(call);
        emit({ type: 'policy-denial', ...ids(runId, callId), name, reason, ...(line !== undefined && { line }) });
        throw new CallFailure('denied', `${what} was denied: ${reason}`, { by: 'policy' });
      }
      if (ruling.outcome === 'ask' && strictest.outcome === 'allow') strictest = ruling;
    }
    return strictest;
  }

  /** What a person wrote is checked like what Python sent, and the policy has its say about it. */
  async #edited<Call extends GatedCall>(
    namespace: Namespace<Call>,
    call: Call,
    shown: CallSubject,
    edited: NonNullable<MadeDecision['arguments']>,
  ): Promise<{ subject: CallSubject; prepared: PreparedCall }> {
    const changed = { ...call, arguments: editedArguments(call.arguments, shown.arguments, edited) };
    let prepared: PreparedCall;
    try {
      prepared = await namespace.prepare(changed);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      throw new CallFailure(
        'denied',
        `The arguments were edited when the call was approved, and do not fit: ${problem}`,
        {
          by: 'approval',
        },
      );
    }
    const { subject } = prepared;
    if (subject === undefined) return { subject: shown, prepared };
    await this.#judge(namespace, changed, subject);
    return { subject, prepared };
  }
}

/** A gate that cannot be asked counts as closed. */
async function needsApproval(subject: CallSubject): Promise<boolean> {
  try {
    return (await subject.needsApproval?.()) ?? false;
  } catch {
    return true;
  }
}

function ids(runId: string | undefined, callId: number | undefined): { runId?: string; callId?: number } {
  return { ...(runId !== undefined && { runId }), ...(callId !== undefined && { callId }) };
}
