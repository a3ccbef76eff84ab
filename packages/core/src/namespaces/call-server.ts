import { CallFailure } from './call-failure.ts';
import { type AskAboutCall, CallGate, type CallGateOptions, type GatedCall } from './call-gate.ts';
import { type Middleware, throughMiddleware, toMiddlewareCall } from './middleware.ts';
import type { Namespace } from './namespace.ts';

export interface CallServerOptions extends CallGateOptions {
  readonly middleware: readonly Middleware[];
}

/**
 * Serves calls, those of Python and those of host code alike: middleware, then lookup and validation, then the gate, then
 * the effect. So a gate always sees the arguments that run.
 */
export class CallServer {
  readonly #options: CallServerOptions;
  readonly #gate: CallGate;

  constructor(options: CallServerOptions) {
    this.#options = options;
    this.#gate = new CallGate(options);
  }

  /** @throws CallFailure, and whatever the host function throws */
  serve<Call extends GatedCall>(namespace: Namespace<Call>, call: Call, ask: AskAboutCall): Promise<unknown> {
    return this.#options.middleware.length === 0
      ? this.#perform(namespace, call, ask)
      : this.#throughMiddleware(namespace, call, ask);
  }

  async #throughMiddleware<Call extends GatedCall>(
    namespace: Namespace<Call>,
    call: Call,
    ask: AskAboutCall,
  ): Promise<unknown> {
    const { middleware, sessionId } = this.#options;
    let refusal: CallFailure | undefined;
    let isOver = false;
    const core = async (args: Record<string, unknown>) => {
      if (refusal) throw refusal;
      if (isOver) throw new CallFailure('cancelled', 'The call has ended; next() came too late.');
      call.signal.throwIfAborted();
      try {
        return await this.#perform(namespace, { ...call, arguments: args }, ask);
      } catch (error) {
        // Trying again must not ask a person again who said no.
        if (error instanceof CallFailure && error.kind === 'denied') refusal = error;
        throw error;
      }
    };
    const about = { ...namespace.about(call), sessionId };
    try {
      return await throughMiddleware(middleware, toMiddlewareCall(namespace.name, call, about), core);
    } finally {
      isOver = true;
    }
  }

  async #perform<Call extends GatedCall>(namespace: Namespace<Call>, call: Call, ask: AskAboutCall): Promise<unknown> {
    let prepared = await namespace.prepare(call);
    const passing = this.#gate.pass(namespace, call, prepared, ask);
    if (passing) prepared = await passing;
    // The run may have been stopped meanwhile: then nothing happens any more.
    call.signal.throwIfAborted();
    return call.inContext ? call.inContext(() => prepared.perform()) : prepared.perform();
  }
}
