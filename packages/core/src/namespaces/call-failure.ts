import { CodeModeError } from '../errors.ts';
import type { JsonValue } from '../run-result.ts';
import type { WireCallError } from '../wire/messages.ts';
import type { PreparedCall } from './namespace.ts';

/** What a call shall raise in Python. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';
  readonly kind: WireCallError['kind'];
  readonly details: unknown;

  constructor(kind: WireCallError['kind'], message: string, details?: unknown) {
    super(message);
    this.kind = kind;
    this.details = details;
  }
}

/** What Python raises for whatever a call threw. @param name how Python spells the call */
export function toWireError(thrown: unknown, name: string): WireCallError {
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

/** Makes what storage and packages complain of an exception of the namespace, while preparing and while performing. */
export async function withCallFailures(
  prepare: () => PreparedCall | Promise<PreparedCall>,
  explain: (error: CodeModeError) => string = ({ message }) => message,
): Promise<PreparedCall> {
  const failure = (error: unknown) =>
    CodeModeError.isInstance(error)
      ? new CallFailure('namespace', explain(error), { ...error.details, code: error.code })
      : error;
  try {
    const { subject, perform } = await prepare();
    return {
      ...(subject && { subject }),
      perform: async () => {
        try {
          return await perform();
        } catch (error) {
          throw failure(error);
        }
      },
    };
  } catch (error) {
    throw failure(error);
  }
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
