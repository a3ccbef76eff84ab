import { hash, timingSafeEqual } from 'node:crypto';
import { hostHeaderValidationResponse, originValidationResponse } from '@modelcontextprotocol/server';

export interface HttpGuardOptions {
  /** Names of this server that `Host` and `Origin` may have, without ports. */
  hosts: readonly string[];
  /** What `Authorization: Bearer …` must say. */
  token?: string | undefined;
}

/**
 * Refuses a request before anything of it is read: one that a web page makes a browser send (`Host`, `Origin`), and one
 * without the token. Undefined lets it pass.
 */
export function httpGuard({ hosts, token }: HttpGuardOptions): (request: Request) => Response | undefined {
  const allowed = [...hosts];
  return (request) =>
    hostHeaderValidationResponse(request, allowed) ??
    originValidationResponse(request, allowed) ??
    (token === undefined || hasToken(request, token) ? undefined : unauthorized());
}

/** Names by which this machine alone is reached. */
export const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

export function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host) || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function hasToken(request: Request, token: string): boolean {
  const [, given] = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  // Equal lengths, and no telling how far they agree.
  const digest = (text: string) => hash('sha256', text, 'buffer');
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

function unauthorized(): Response {
  const error = { code: -32001, message: 'Unauthorized: send the token of this server as Authorization: Bearer.' };
  return Response.json({ jsonrpc: '2.0', error, id: null }, { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } });
}
