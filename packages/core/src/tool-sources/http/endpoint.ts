import type { JsonSchema, ToolAnnotations } from '../tool.ts';

/** One request that a tool makes, whatever described it. */
export interface Endpoint {
  /** Of the tool, e.g. `pets.list`. */
  name: string;
  description: string;
  method: string;
  /** With `{name}` for what arguments fill in. */
  path: string;
  parameters: EndpointParameter[];
  /** JSON Schema of the arguments. */
  inputSchema: JsonSchema;
  outputSchema?: JsonSchema;
  body: 'json' | 'form';
  /** Whether an empty body is sent when no argument is part of it. */
  alwaysBody: boolean;
  /** What to make of the response; absent: what its content type says. */
  response?: 'json' | 'text' | 'bytes';
  annotations: ToolAnnotations;
}

/** Where an argument goes. */
export interface EndpointParameter {
  /** The name of the argument. */
  argument: string;
  /** The name in the request. */
  name: string;
  /** `body` is a key of the body, `whole-body` is the body. */
  in: 'path' | 'query' | 'header' | 'cookie' | 'body' | 'whole-body';
  /** How a list or an object is written, with OpenAPI's meanings; `json` as JSON. */
  style: ParameterStyle;
  explode: boolean;
  /** Sent when the argument is not given. */
  default?: unknown;
}

export type ParameterStyle = 'form' | 'simple' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject' | 'json';

/** What the method alone says of a request. */
export function annotationsOf(method: string): ToolAnnotations {
  if (['GET', 'HEAD', 'OPTIONS'].includes(method)) return { readOnly: true, idempotent: true, openWorld: true };
  if (['PUT', 'DELETE'].includes(method)) {
    return { readOnly: false, destructive: true, idempotent: true, openWorld: true };
  }
  return { readOnly: false, openWorld: true };
}

/** Names in `{}` of a path. */
export function pathNames(path: string): string[] {
  return [...path.matchAll(placeholder)].map(([, name]) => name as string);
}

/** `{name}` in a path. */
export const placeholder = /\{([^{}]+)\}/gu;
