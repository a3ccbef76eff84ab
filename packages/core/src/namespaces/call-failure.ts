import type { WireCallError } from '../wire/messages.ts';

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
