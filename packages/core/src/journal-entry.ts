import { hash } from 'node:crypto';
import type { ApprovalRequest } from './approval.ts';
import type { SessionEvent } from './events.ts';
import { redact } from './redact.ts';
import type { JsonValue } from './run-result.ts';

/** One thing that happened, as the journal keeps it. */
export interface JournalEntry {
  /** Where to go on reading. */
  id: string;
  /** When it happened, in ms since 1970. */
  at: number;
  /** `SessionOptions.user`, else the session's id. */
  who: string;
  sessionId: string;
  /** Counts the entries of a session, so a gap or a repetition shows. */
  number: number;
  /** `run-start`, `run-end`, `call` (without `runId` when host code made it), `decision`, `policy-denial`, or the type of another event, e.g. `artifact-save`. */
  kind: string;
  runId?: string;
  /** What the kind has to say: `codeSha256`, `name`, `arguments`, `status`, `durationMs`, `error`, … */
  [field: string]: JsonValue | undefined;
}

/** Events that say nothing of what was done, or that another entry covers. */
export const UNRECORDED: ReadonlySet<string> = new Set([
  'kernel-start',
  'kernel-exit',
  'output',
  'display',
  'deps-progress',
  'warning',
]);

/** Turns a session's events into entries: a call and its arguments into one, a decision and its request into one. */
export class EntryMaker {
  readonly #secretKeys: RegExp;
  readonly #calls = new Map<string, JsonValue>();
  readonly #requests = new Map<string, ApprovalRequest>();

  constructor(secretKeys: RegExp) {
    this.#secretKeys = secretKeys;
  }

  /** The fields of the entry, or undefined for an event that makes none. */
  fields(event: SessionEvent): { kind: string; [field: string]: JsonValue } | undefined {
    switch (event.type) {
      case 'run-start': {
        const codeSha256 = hash('sha256', event.code);
        return { kind: 'run-start', runId: event.runId, codeSha256, codeBytes: Buffer.byteLength(event.code) };
      }
      case 'run-end': {
        const { runId, result } = event;
        for (const key of this.#calls.keys()) if (key.startsWith(`${runId}/`)) this.#calls.delete(key);
        for (const [id, request] of this.#requests) if (request.runId === runId) this.#requests.delete(id);
        const error =
          result.status === 'failed' ? { error: this.#redact(`${result.error.name}: ${result.error.message}`) } : {};
        return { kind: 'run-end', runId, status: result.status, durationMs: round(result.durationMs), ...error };
      }
      case 'call-start':
        this.#calls.set(`${event.runId}/${event.callId}`, this.#redact(event.arguments));
        return undefined;
      case 'call-end': {
        const { runId, callId, name, status, durationMs, error } = event;
        const given = this.#calls.get(`${runId}/${callId}`) ?? {};
        this.#calls.delete(`${runId}/${callId}`);
        const outcome = {
          status,
          durationMs: round(durationMs),
          ...(error !== undefined && { error: this.#redact(error) }),
        };
        return { kind: 'call', runId, callId, name, arguments: given, ...outcome };
      }
      case 'host-call': {
        const { type: _, durationMs, ...call } = event;
        return {
          ...(this.#redact(call) as { [field: string]: JsonValue }),
          kind: 'call',
          durationMs: round(durationMs),
        };
      }
      case 'approval-request':
        this.#requests.set(event.request.requestId, event.request);
        return undefined;
      case 'approval-decision': {
        const { requestId, at, approved, ...rest } = event.decision;
        const request = this.#requests.get(requestId);
        this.#requests.delete(requestId);
        const said = this.#redact(rest) as { [field: string]: JsonValue };
        return {
          kind: 'decision',
          runId: event.runId,
          requestId,
          ...aboutOf(request),
          approved,
          ...said,
          decidedAt: at,
        };
      }
      default: {
        const { type, ...rest } = event;
        return { ...(this.#redact(rest) as { [field: string]: JsonValue }), kind: type };
      }
    }
  }

  #redact(value: unknown): JsonValue {
    return redact(value, this.#secretKeys);
  }
}

/** What a decision was about. Its arguments are in the entry of the call. */
function aboutOf(request: ApprovalRequest | undefined): { [field: string]: JsonValue } {
  if (request === undefined) return {};
  const { kind, toolName, callId, codeSha256, reason } = request;
  return {
    about: kind,
    name: toolName,
    ...(callId !== undefined && { callId }),
    codeSha256,
    ...(reason !== undefined && { reason }),
  };
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
