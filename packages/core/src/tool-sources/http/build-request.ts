import { ToolError } from '../tool.ts';
import type { Connection } from './connection.ts';
import type { Endpoint, EndpointParameter } from './endpoint.ts';
import { fillPath } from './fill-path.ts';
import { jsonText, parameterPairs, parameterText } from './parameter-text.ts';

/** A request, ready to be sent as often as needed. */
export interface HttpRequest {
  /** How messages call it, e.g. `GET /pets/{id}`: the URL may hold secrets. */
  label: string;
  url: URL;
  method: string;
  headers: Headers;
  body: string | undefined;
}

/**
 * The request for a call with these arguments, which come from Python.
 * @throws ToolError for a value that cannot be sent where its parameter goes
 */
export function buildRequest(endpoint: Endpoint, input: Record<string, unknown>, connection: Connection): HttpRequest {
  const given = endpoint.parameters
    .map((parameter) => ({ ...parameter, value: argumentOf(parameter, input) }))
    // Null is a value in a body only.
    .filter(({ value }) => value !== undefined && value !== null);
  const headers = new Headers(connection.headers);
  for (const parameter of given.filter(({ in: place }) => place === 'header')) setHeader(headers, parameter);
  const cookies = given
    .filter(({ in: place }) => place === 'cookie')
    .map((parameter) => `${parameter.name}=${encodeURIComponent(parameterText(parameter, parameter.value))}`);
  if (cookies.length > 0) headers.set('cookie', [headers.get('cookie'), ...cookies].filter(Boolean).join('; '));
  if (!headers.has('accept')) headers.set('accept', endpoint.response === 'json' ? 'application/json' : '*/*');

  const body = bodyOf(endpoint, input);
  if (body !== undefined && !headers.has('content-type')) headers.set('content-type', contentTypes[endpoint.body]);
  return {
    label: `${endpoint.method} ${endpoint.path}`,
    url: urlOf(endpoint, given, connection.baseUrl),
    method: endpoint.method,
    headers,
    body,
  };
}

type Given = EndpointParameter & { value: unknown };

const contentTypes = { json: 'application/json', form: 'application/x-www-form-urlencoded' };

function urlOf(endpoint: Endpoint, given: Given[], base: URL): URL {
  const url = new URL(base);
  const texts = new Map(
    given
      .filter(({ in: place }) => place === 'path')
      .map((parameter) => [parameter.name, parameterText(parameter, parameter.value)]),
  );
  // Set as a path, `//other.example` stays one.
  url.pathname = base.pathname.replace(/\/$/u, '') + fillPath(endpoint.path, texts);
  // What the host put into the base URL cannot be replaced from Python.
  const pairs = given
    .filter(({ in: place }) => place === 'query')
    .flatMap((parameter) => parameterPairs(parameter, parameter.value))
    .filter(([name]) => !base.searchParams.has(name));
  url.search = [base.search.slice(1), encodePairs(pairs)].filter((part) => part !== '').join('&');
  return url;
}

function setHeader(headers: Headers, parameter: Given): void {
  try {
    headers.set(parameter.name, parameterText(parameter, parameter.value));
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError(
      `${parameter.argument} cannot be sent as the header ${parameter.name}; pass one line of Latin-1 text.`,
    );
  }
}

function bodyOf(endpoint: Endpoint, input: Record<string, unknown>): string | undefined {
  const given = endpoint.parameters
    .map((parameter) => ({ ...parameter, value: argumentOf(parameter, input) }))
    .filter(({ value }) => value !== undefined);
  const whole = given.find(({ in: place }) => place === 'whole-body');
  if (whole) return bodyText(endpoint.body, whole.argument, whole.value);
  const parts = given.filter(({ in: place }) => place === 'body');
  if (parts.length === 0 && !endpoint.alwaysBody) return undefined;
  return bodyText(endpoint.body, 'the body', Object.fromEntries(parts.map(({ name, value }) => [name, value])));
}

function bodyText(format: Endpoint['body'], argument: string, value: unknown): string {
  if (format === 'json') return jsonText(argument, value);
  return encodePairs(
    Object.entries(Object(value)).flatMap(([name, item]) =>
      parameterPairs({ argument: name, name, style: 'deepObject', explode: true }, item),
    ),
  );
}

function argumentOf({ argument, default: otherwise }: EndpointParameter, input: Record<string, unknown>): unknown {
  return Object.hasOwn(input, argument) ? input[argument] : otherwise;
}

/** `+` for a space is not understood everywhere; `%20` is. */
function encodePairs(pairs: [string, string][]): string {
  return pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}
