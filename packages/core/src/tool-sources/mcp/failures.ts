import { existsSync } from 'node:fs';
import { CallFailure } from '../../namespaces/call-failure.ts';
import { redact, SECRET_KEYS } from '../../redact.ts';
import type { JsonValue } from '../../run-result.ts';
import { ToolError } from '../tool.ts';
import type { ServerTarget } from './config.ts';
import type { Connection } from './connection.ts';

/** The start took too long. */
export class StartTimeout extends Error {}

/** Why a server could not be started or reached. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
  /** For the host: with what was started or asked, and what to do. `message` is for Python too. */
  readonly advice: string;

  constructor(
    { target, startTimeoutMs }: { target: ServerTarget; startTimeoutMs: number },
    error: unknown,
    process: { pid?: number | undefined; ended: string | undefined; stderr: string } | undefined,
  ) {
    const [why, fix] =
      error instanceof StartTimeout
        ? [`it did not answer within ${startTimeoutMs} ms`, 'Raise `startTimeoutMs`, or see by hand what it does.']
        : target.transport === 'stdio'
          ? ofProcess(target, error, process)
          : ofAddress(error);
    super(`${why}.${lastWords(process?.stderr ?? '')}`, { cause: error });
    this.advice = `It was ${shown(target)}. ${fix}`;
  }
}

/** What Python is told when a call fails on its way, or the server refuses it. */
export function callFailure(
  server: string,
  connection: Connection,
  error: unknown,
  timeoutMs: number | undefined,
): Error {
  const { code, message, data } = Object(error) as { code?: unknown; message?: string; data?: unknown };
  // A JSON-RPC error is the server's own answer. What `fetch` throws has numbers too.
  if (typeof code === 'number' && !(error instanceof DOMException))
    return new ToolError(message ?? '', { code, data } as JsonValue, { cause: error });
  if (connection.ended !== undefined) {
    const again = 'The call was not repeated, because it may have had effects. The next call starts the server again.';
    return new ToolError(
      `MCP server '${server}' ended during this call (${connection.ended}). ${again}${lastWords(connection.stderr)}`,
      undefined,
      { cause: error },
    );
  }
  if (code === 'REQUEST_TIMEOUT' && timeoutMs !== undefined)
    return new CallFailure('timeout', `MCP server '${server}' did not answer within ${timeoutMs} ms (timeoutMs).`);
  if (code === 'UNSUPPORTED_RESULT_TYPE') {
    const why = `MCP server '${server}' wants an answer from a person or a model (elicitation, sampling) before it goes on`;
    return new ToolError(`${why}. code-mode cannot give one.`, undefined, { cause: error });
  }
  return new ToolError(`MCP server '${server}' could not be used: ${reasonOf(error)}.`, undefined, { cause: error });
}

/** Why a server that could be started offers nothing. */
export function listFailure(server: string, { ended, stderr }: Connection, error: unknown): Error {
  const why = ended === undefined ? reasonOf(error) : `it ended (${ended})`;
  return new Error(`MCP server '${server}' could not list its tools: ${why}.${lastWords(stderr)}`, { cause: error });
}

/** Whether the server was not reached, or answered by HTTP alone. */
export function isTransportError(error: unknown): boolean {
  const { code, name, message } = Object(error) as { code?: unknown; name?: unknown; message?: unknown };
  return (
    name === 'SdkHttpError' || message === 'fetch failed' || code === 'NOT_CONNECTED' || code === 'CONNECTION_CLOSED'
  );
}

/**
 * Whether the server refused the request without looking at the call, as it does not know the session any more. The
 * protocol's answer is 404; servers made after the SDK's examples say 400 and name the session.
 */
export function isSessionLost(error: unknown): boolean {
  const { name, status, message } = Object(error) as { name?: unknown; status?: unknown; message?: string };
  return name === 'SdkHttpError' && (status === 404 || (status === 400 && /session[ -]id/i.test(message ?? '')));
}

function ofProcess(
  { command, cwd }: Extract<ServerTarget, { transport: 'stdio' }>,
  error: unknown,
  process: { pid?: number | undefined; ended: string | undefined } | undefined,
): [why: string, fix: string] {
  if (cwd !== undefined && !existsSync(cwd)) return [`its folder '${cwd}' does not exist`, 'Correct `cwd`.'];
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT')
    return [`there is no command '${command}'`, 'Install it, or give its full path as `command`.'];
  if (process?.pid !== undefined && process.ended !== undefined)
    return [`it ended with ${process.ended} before it was ready`, 'Try the command by hand.'];
  return [reasonOf(error), 'Try the command by hand.'];
}

function ofAddress(error: unknown): [why: string, fix: string] {
  const { status, code } = Object(error) as { status?: number; code?: unknown };
  const http = status ?? (typeof code === 'number' ? code : undefined);
  if (http === 401 || http === 403) return [`it refused the request (HTTP ${http})`, 'Correct `headers`.'];
  return [reasonOf(error), 'Start the server, or correct `url` and `transport`.'];
}

/** The innermost reason: `fetch failed` says nothing. */
function reasonOf(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  const message =
    innermost instanceof Error ? innermost.message || (innermost as NodeJS.ErrnoException).code : undefined;
  return (message ?? String(innermost)).replace(/\.$/u, '');
}

function lastWords(stderr: string): string {
  const text = stderr.trim().split('\n').slice(-8).join('\n');
  return text === '' ? '' : ` Its last lines on stderr:\n${text}`;
}

function shown(target: ServerTarget): string {
  if (target.transport !== 'stdio') return `asked at ${redact(target.url, SECRET_KEYS)}`;
  const args = target.args.map((arg, index) => {
    const [option = ''] = arg.split('=', 1);
    if (arg.startsWith('-') && option !== arg && SECRET_KEYS.test(option)) return `${option}=[redacted]`;
    const before = target.args[index - 1] ?? '';
    return before.startsWith('-') && !before.includes('=') && SECRET_KEYS.test(before) ? '[redacted]' : arg;
  });
  return `started with \`${redact([target.command, ...args].join(' '), SECRET_KEYS)}\``;
}
