import { z } from 'zod';

/** Also of a cookie. */
export const headerName = /^[\w!#$%&'*+.^`|~-]+$/u;

/** What a definition says of the server and how to talk to it; the same for written endpoints and OpenAPI documents. */
export const connectionFields = {
  headers: z
    .record(z.string().regex(headerName, 'must be the name of a header'), headerValue())
    .default({})
    .describe('Headers of every request. Python never sees them.'),
  timeout: z
    .number()
    .positive()
    .max(86_400)
    .default(30)
    .describe('Seconds that one attempt may take, the whole response included.'),
  retry: z
    .strictObject({
      attempts: z
        .int()
        .min(1)
        .max(10)
        .default(3)
        .describe('Requests in all, the first included. 1 switches retries off.'),
      statuses: z
        .array(z.int().min(400).max(599))
        .default([408, 425, 429, 500, 502, 503, 504])
        .describe('Statuses that are tried again. A connection that fails is tried again too; a time-out is not.'),
      methods: z
        .array(z.enum(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'POST', 'PATCH']))
        .default(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])
        .describe('Methods that are tried again. POST and PATCH may then happen twice.'),
      delay: z
        .number()
        .min(0)
        .max(60)
        .default(0.5)
        .describe(
          'Seconds before the second attempt. They double each time, and up to as much again is added at random.',
        ),
      max_delay: z
        .number()
        .min(0)
        .max(3_600)
        .default(30)
        .describe(
          'The longest pause, in seconds. A server that asks for a longer one with Retry-After is not tried again.',
        ),
    })
    .prefault({}),
  redirects: z
    .enum(['same-origin', 'any'])
    .default('same-origin')
    .describe(
      'Which redirects are followed. With `any`, GET and HEAD go to other origins too, without the headers; the server then decides what the host requests.',
    ),
  max_response_bytes: z
    .int()
    .positive()
    .max(200_000_000)
    .default(10_000_000)
    .describe('A longer response is an error, not a part of one.'),
};

/** What `connectionFields` come out as. */
export type ConnectionDefinition = z.output<z.ZodObject<typeof connectionFields>>;

/** The messages of `Headers` would show the value, which may be a secret. */
export function headerValue() {
  return z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/u, 'must be one line without control characters');
}

/** `base_url`: where the paths start. */
export function baseUrl() {
  return z.string().refine(isBaseUrl, {
    error: 'must be an http:// or https:// URL without user and password (use headers for them) and without #',
  });
}

function isBaseUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/u.test(url.protocol) && url.username + url.password + url.hash === '';
}
