import { ToolError } from '../tool.ts';
import type { HttpRequest } from './build-request.ts';
import type { Connection } from './connection.ts';

/**
 * The response of a request, with redirects followed. Another origin never gets the headers: `fetch` alone would take
 * away only `Authorization` and `Cookie`, not a key in a header of another name.
 * @throws ToolError for a redirect that is not followed
 */
export async function fetchFollowing(
  request: HttpRequest,
  redirects: Connection['redirects'],
  signal: AbortSignal,
): Promise<Response> {
  let { url, method, headers, body } = request;
  for (let hops = 0; hops <= maxHops; hops++) {
    const init = { method, headers, redirect: 'manual', signal, ...(body !== undefined && { body }) } as const;
    const response = await fetch(url, init);
    const location = redirectStatuses.has(response.status) ? response.headers.get('location') : null;
    if (location === null) return response;
    await response.body?.cancel();
    const target = targetOf(location, url, request.label);
    if (body !== undefined && becomesGet(response.status, method)) {
      body = undefined;
      headers = withoutBodyHeaders(headers);
    }
    if (becomesGet(response.status, method)) method = 'GET';
    if (target.origin !== url.origin) {
      const isRead = method === 'GET' || method === 'HEAD';
      if (redirects !== 'any' || !isRead) throw refused(request.label, target, redirects);
      headers = new Headers({ accept: headers.get('accept') ?? '*/*' });
    }
    url = target;
  }
  throw new ToolError(`${request.label} was redirected more than ${maxHops} times.`);
}

const maxHops = 10;
const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/** As browsers do it. */
function becomesGet(status: number, method: string): boolean {
  return (status === 303 && method !== 'HEAD') || ((status === 301 || status === 302) && method === 'POST');
}

function withoutBodyHeaders(headers: Headers): Headers {
  const kept = new Headers(headers);
  kept.delete('content-type');
  return kept;
}

function targetOf(location: string, from: URL, label: string): URL {
  const target = URL.parse(location, from.href);
  if (target === null || !/^https?:$/u.test(target.protocol) || target.username + target.password !== '') {
    throw new ToolError(`${label} was redirected to an address that is no plain http:// or https:// URL.`);
  }
  return target;
}

function refused(label: string, target: URL, redirects: Connection['redirects']): ToolError {
  const advice =
    redirects === 'any'
      ? 'only GET and HEAD follow to another origin'
      : "the host can write this origin into base_url, or set `redirects: any` in the tool's definition";
  return new ToolError(
    `${label} was redirected to another origin (${target.origin}), which is not followed; ${advice}.`,
  );
}
