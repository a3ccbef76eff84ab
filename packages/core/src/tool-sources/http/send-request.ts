import { STATUS_CODES } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import pRetry from 'p-retry';
import { oneLine, safeSlice } from '../../prompts/plain-text.ts';
import type { JsonValue } from '../../run-result.ts';
import { ToolError } from '../tool.ts';
import type { HttpRequest } from './build-request.ts';
import { type Connection, hideSecrets } from './connection.ts';
import { fetchFollowing } from './fetch-following.ts';
import { readBody } from './read-body.ts';

/** A response that says that all went well. */
export interface HttpResponse {
  label: string;
  method: string;
  status: number;
  headers: Headers;
  body: Buffer;
}

/**
 * Sends a request, again where that helps, and reads the whole response.
 * @throws ToolError when there is no good response: with `details.status` and `details.body` when there is a bad one
 */
export async function sendRequest(
  request: HttpRequest,
  connection: Connection,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const { attempts, methods, delay, max_delay: maxDelay } = connection.retry;
  const mayRepeat = methods.some((method) => method === request.method);
  try {
    return await pRetry(() => attempt(request, connection, signal), {
      retries: mayRepeat ? attempts - 1 : 0,
      minTimeout: delay * 1_000,
      maxTimeout: maxDelay * 1_000,
      randomize: true,
      signal,
      shouldRetry: ({ error }) => error instanceof RequestError && error.retry !== undefined,
      onFailedAttempt: async ({ error, retriesLeft }) => {
        const pauseMs = error instanceof RequestError && retriesLeft > 0 ? (error.retry?.pauseMs ?? 0) : 0;
        if (pauseMs > 0) await sleep(pauseMs, undefined, { signal });
      },
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

class RequestError extends ToolError {
  /** How long to wait at least before the next attempt; absent when another one would not help. */
  readonly retry: { pauseMs: number } | undefined;

  constructor(message: string, details?: JsonValue, retry?: { pauseMs: number }) {
    super(message, details);
    this.retry = retry;
  }
}

async function attempt(request: HttpRequest, connection: Connection, signal: AbortSignal): Promise<HttpResponse> {
  const timeout = AbortSignal.timeout(connection.timeoutMs);
  try {
    const response = await fetchFollowing(request, connection.redirects, AbortSignal.any([signal, timeout]));
    if (!response.ok) throw await statusError(request, connection, response);
    const body = await readBody(response, connection.maxResponseBytes);
    if (body.isCut) throw tooLong(request, connection);
    const { label, method } = request;
    return { label, method, status: response.status, headers: response.headers, body: body.bytes };
  } catch (error) {
    if (error instanceof ToolError) throw error;
    signal.throwIfAborted();
    if (timeout.aborted) {
      const seconds = connection.timeoutMs / 1_000;
      throw new RequestError(`${request.label} took longer than ${seconds} s (timeout in the tool's definition).`);
    }
    const message = `${request.label}: no response from the server (${reasonOf(error)}).`;
    throw new RequestError(message, undefined, { pauseMs: 0 });
  }
}

async function statusError(request: HttpRequest, connection: Connection, response: Response): Promise<RequestError> {
  const { status, headers } = response;
  const { bytes } = await readBody(response, maxErrorBytes);
  const text = hideSecrets(bytes.toString(), connection.secrets);
  const asked = secondsOf(headers.get('retry-after'));
  const maxDelay = connection.retry.max_delay;
  const helps = connection.retry.statuses.includes(status) && (asked ?? 0) <= maxDelay;
  const excerpt = oneLine(text, 500);
  return new RequestError(
    `${request.label} answered ${`${status} ${STATUS_CODES[status] ?? ''}`.trim()}${excerpt === '' ? '.' : `: ${excerpt}`}`,
    { status, body: bodyDetails(text), ...(asked !== undefined && { retry_after: asked }) },
    helps ? { pauseMs: (asked ?? 0) * 1_000 } : undefined,
  );
}

function tooLong({ label }: HttpRequest, { maxResponseBytes }: Connection): RequestError {
  return new RequestError(
    `${label} answered more than ${maxResponseBytes} bytes. Ask for less, e.g. for one page; the host can raise max_response_bytes in the tool's definition.`,
  );
}

/** An error that is longer is a page for people. */
const maxErrorBytes = 65_536;
const maxErrorText = 2_000;

function bodyDetails(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return safeSlice(text, 0, maxErrorText);
  }
}

/** `Retry-After` holds seconds or a date. */
function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/u.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1_000);
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

/** The code alone: a message may show the URL or a header. */
function reasonOf(error: unknown): string {
  for (let current = error; current instanceof Error; current = current.cause) {
    const { code } = current as { code?: unknown };
    if (typeof code === 'string') return code;
  }
  return 'the connection failed';
}
