import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';
import { CodeModeError, messageOf } from './errors.ts';
import { CallFailure } from './namespaces/call-failure.ts';
import type { RunResult } from './run-result.ts';

type Api = typeof import('@opentelemetry/api');

/** Spans for runs and calls, with the names of OpenTelemetry's GenAI conventions, for whatever SDK is registered. */
export class Tracing {
  readonly #sessionId: string;
  readonly #api: Promise<Api>;

  constructor(sessionId: string, load: () => Promise<Api> = () => import('@opentelemetry/api')) {
    this.#sessionId = sessionId;
    this.#api = loaded(load);
    // A run that is begun tells it.
    this.#api.catch(() => {});
  }

  /** Begins the span of a run, under the span that is active where this is called. */
  run(runId: string): RunTrace {
    return new RunTrace(this.#api, this.#sessionId, runId);
  }

  /** Runs a call of host code in a span, under the active one. */
  async call<T>(name: string, serve: () => Promise<T>): Promise<T> {
    const api = await this.#api;
    const attributes = toolAttributes(name, { 'code_mode.session.id': this.#sessionId });
    return await inSpan(api, { name, attributes, parent: api.context.active() }, serve);
  }
}

/** The span of one run. */
export class RunTrace {
  readonly #runId: string;
  readonly #sessionId: string;
  readonly #started: Promise<{ api: Api; span: Span; context: Context }>;

  constructor(api: Promise<Api>, sessionId: string, runId: string) {
    this.#runId = runId;
    this.#sessionId = sessionId;
    this.#started = this.#start(api, Date.now());
    this.#started.catch(() => {});
  }

  /** @throws CodeModeError `invalid_options` when OpenTelemetry's API is not installed */
  async ready(): Promise<void> {
    await this.#started;
  }

  /** Runs a call in a span under the run's; what it calls on the host sees that span as the active one. */
  async call<T>(name: string, callId: number, serve: () => Promise<T>): Promise<T> {
    const { api, context: parent } = await this.#started;
    const attributes = toolAttributes(name, {
      ...this.#ids(),
      'gen_ai.tool.call.id': `${this.#runId}:${callId}`,
    });
    return await inSpan(api, { name, attributes, parent }, serve);
  }

  /** Ends the span with the run. */
  endWith(finished: Promise<RunResult>): void {
    const end = async () => {
      const { api, span } = await this.#started;
      try {
        const result = await finished;
        span.setAttribute('code_mode.run.status', result.status);
        if (result.status === 'failed') fail(api, span, result.error.name, result.error.message);
        if (result.status === 'interrupted') fail(api, span, result.reason, result.message);
        if (result.status === 'crashed') fail(api, span, 'crashed', result.detail.message);
      } catch (error) {
        fail(api, span, typeOf(error), messageOf(error));
      }
      span.end();
    };
    // Without the API there is no span, and the run says so.
    end().catch(() => {});
  }

  // The context of whoever begins the run lasts over an await.
  async #start(loading: Promise<Api>, startTime: number): Promise<{ api: Api; span: Span; context: Context }> {
    const api = await loading;
    const parent = api.context.active();
    const attributes = toolAttributes('runCode', this.#ids());
    const span = tracerOf(api).startSpan('execute_tool runCode', { attributes, startTime }, parent);
    return { api, span, context: api.trace.setSpan(parent, span) };
  }

  #ids(): Attributes {
    return { 'code_mode.session.id': this.#sessionId, 'code_mode.run.id': this.#runId };
  }
}

async function inSpan<T>(
  api: Api,
  { name, attributes, parent }: { name: string; attributes: Attributes; parent: Context },
  serve: () => Promise<T>,
): Promise<T> {
  const span = tracerOf(api).startSpan(`execute_tool ${name}`, { attributes }, parent);
  try {
    return await api.context.with(api.trace.setSpan(parent, span), serve);
  } catch (error) {
    fail(api, span, typeOf(error), messageOf(error));
    throw error;
  } finally {
    span.end();
  }
}

function toolAttributes(name: string, others: Attributes): Attributes {
  return {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': name,
    'gen_ai.tool.type': 'function',
    ...others,
  };
}

function tracerOf(api: Api): Tracer {
  return api.trace.getTracer('@code-mode/core');
}

function fail(api: Api, span: Span, type: string, message: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: api.SpanStatusCode.ERROR, message });
}

function typeOf(error: unknown): string {
  if (error instanceof CallFailure) return error.kind;
  if (CodeModeError.isInstance(error)) return error.code;
  return error instanceof Error ? error.name : '_OTHER';
}

async function loaded(load: () => Promise<Api>): Promise<Api> {
  try {
    return await load();
  } catch (cause) {
    const message =
      'Tracing needs the package @opentelemetry/api; run `npm install @opentelemetry/api`, or leave out `tracing`.';
    throw new CodeModeError('invalid_options', message, { cause });
  }
}
