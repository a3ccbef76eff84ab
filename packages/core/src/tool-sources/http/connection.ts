import type { ConnectionDefinition } from './connection-definition.ts';

/** Where requests go, and what every request carries. */
export interface Connection {
  /** Its path is where the endpoints' paths start; its query goes with every request. */
  readonly baseUrl: URL;
  readonly headers: Headers;
  /** In ms, for one attempt. */
  readonly timeoutMs: number;
  readonly retry: ConnectionDefinition['retry'];
  readonly redirects: ConnectionDefinition['redirects'];
  readonly maxResponseBytes: number;
  /** Texts that are hidden where a server repeats them in an error. */
  readonly secrets: readonly string[];
}

/** What is sent beside, or instead of, the headers of the definition and the query of its URL. */
export interface Additions {
  headers: Record<string, string>;
  query: Record<string, string>;
}

export function toConnection(
  definition: ConnectionDefinition,
  base: string,
  additions: Additions = { headers: {}, query: {} },
): Connection {
  const baseUrl = new URL(base);
  for (const [name, value] of Object.entries(additions.query)) baseUrl.searchParams.set(name, value);
  const headers = new Headers(definition.headers);
  for (const [name, value] of Object.entries(additions.headers)) headers.set(name, value);
  return {
    baseUrl,
    headers,
    timeoutMs: definition.timeout * 1_000,
    retry: definition.retry,
    redirects: definition.redirects,
    maxResponseBytes: definition.max_response_bytes,
    secrets: secretsOf(baseUrl, headers),
  };
}

/** A copy of the text in which none of the secrets can be read. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((hidden, secret) => hidden.replaceAll(secret, '[redacted]'), text);
}

const minSecret = 6;
/** Shorter steps of a path are words, such as `v1`; longer ones may be the key of a web hook. */
const minPathSecret = 16;
const harmlessHeaders = /^(?:accept(?:-.+)?|content-type|user-agent)$/u;

function secretsOf(url: URL, headers: Headers): string[] {
  const fromHeaders = [...headers]
    .filter(([name]) => !harmlessHeaders.test(name))
    .flatMap(([, value]) => [value, ...partsOf(value)]);
  const plain = [
    ...fromHeaders,
    ...url.searchParams.values(),
    ...url.pathname.split('/').filter((step) => step.length >= minPathSecret),
  ].filter((text) => text.length >= minSecret);
  const written = plain.flatMap((text) => [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1)]);
  // The longest first: none is left over as the rest of a shorter one.
  return [...new Set(written)].sort((a, b) => b.length - a.length);
}

/** What a server may repeat alone: `abc` of `Bearer abc`, `b` and `d` of `a=b; c=d`. */
function partsOf(value: string): string[] {
  return value
    .split(/[\s;,]+/u)
    .filter((part) => !/^(?:bearer|basic|token)$/iu.test(part))
    .map((part) => part.replace(/^[\w.-]+=(?=[^=])/u, ''));
}
