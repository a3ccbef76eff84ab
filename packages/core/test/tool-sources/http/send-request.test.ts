import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type FromHttpDefinition, fromHttp } from '../../../src/tool-sources/http/index.ts';
import { ToolError } from '../../../src/tool-sources/tool.ts';
import { type Answer, echo, json, startApi } from './api-server.ts';
import { call, failure } from './call.ts';

const get = (url: string, more: Partial<FromHttpDefinition> = {}) =>
  fromHttp({
    name: 'api',
    base_url: url,
    retry: { delay: 0.001 },
    endpoints: [
      { name: 'get', path: '/a/{id}' },
      { name: 'post', method: 'POST', path: '/a' },
      { name: 'head', method: 'HEAD', path: '/a' },
      { name: 'text', path: '/a', response: 'text' },
      { name: 'bytes', path: '/a', response: 'bytes' },
      { name: 'json', path: '/a', response: 'json' },
    ],
    ...more,
  });
const id = { id: '7' };

/** Answers the first requests with these statuses, and what comes after with `{ ok: true }`. */
const failing = (statuses: number[], headers: Record<string, string> = {}): Answer => {
  const left = [...statuses];
  return (_, response) => {
    const status = left.shift();
    if (status === undefined) return json(response, { ok: true });
    response.writeHead(status, headers).end('no');
  };
};

describe('what the server answers', () => {
  const typed =
    (type: string, body: string | Uint8Array): Answer =>
    (_, response) =>
      response.writeHead(200, type === '' ? {} : { 'content-type': type }).end(body);

  test.each([
    ['application/json; charset=utf-8', '{"a":1}', { a: 1 }],
    ['application/problem+json', '[12345678901234567890, 1e20, 1.5]', [12345678901234567890n, 1e20, 1.5]],
    ['application/json', '', null],
    ['', '', null],
    ['text/html', '<p>', '<p>'],
    ['image/svg+xml', '<svg/>', '<svg/>'],
    ['', 'plain', 'plain'],
    ['text/plain; charset=ISO-8859-1', Buffer.from('é', 'latin1'), 'é'],
    ['text/plain; charset=klingon', 'a', 'a'],
    ['text/plain', Buffer.from([0x61, 0xff]), 'a�'],
    ['application/octet-stream', Buffer.from([0, 255]), Buffer.from([0, 255])],
  ])('%s is decoded by its content type', async (type, body, result) => {
    await using api = await startApi(typed(type, body));
    expect(await call(get(api.url), 'api.get', id)).toEqual(result);
  });

  test('the endpoint can say what it is', async () => {
    await using api = await startApi(typed('text/html', '{"a":1}'));
    const source = get(api.url);
    expect(await call(source, 'api.text')).toBe('{"a":1}');
    expect(await call(source, 'api.bytes')).toEqual(Buffer.from('{"a":1}'));
    expect(await call(source, 'api.json')).toEqual({ a: 1 });
    expect(api.seen.map(({ headers }) => headers.accept)).toEqual(['*/*', '*/*', 'application/json']);
  });

  test('JSON that is none says so', async () => {
    await using api = await startApi(typed('text/html', '<h1>Log in</h1>'));
    const error = await failure(call(get(api.url), 'api.json'));
    expect(error.message).toBe('GET /a answered text/html that is not JSON: <h1>Log in</h1>');
  });

  test('HEAD gives the status and the headers, without cookies', async () => {
    await using api = await startApi((_, response) => {
      response.writeHead(200, { 'x-total': '3', 'set-cookie': 'session=1' }).end();
    });
    const result = await call(get(api.url), 'api.head');
    expect(result).toMatchObject({ status: 200, headers: { 'x-total': '3' } });
    expect(JSON.stringify(result)).not.toContain('session');
  });

  test('more than the limit is an error, also when no length was announced', async () => {
    await using api = await startApi((_, response) => {
      response.write('x'.repeat(600));
      response.end('x'.repeat(600));
    });
    const error = await failure(call(get(api.url, { max_response_bytes: 1000 }), 'api.get', id));
    expect(error.message).toBe(
      "GET /a/{id} answered more than 1000 bytes. Ask for less, e.g. for one page; the host can raise max_response_bytes in the tool's definition.",
    );
    expect(await call(get(api.url, { max_response_bytes: 1200 }), 'api.get', id)).toHaveLength(1200);
  });
});

test('what was compressed counts by the size it has unpacked', async () => {
  await using api = await startApi((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(1_000_000)));
  });
  const error = await failure(call(get(api.url, { max_response_bytes: 100_000 }), 'api.get', id));
  expect(error.message).toMatch(/^GET \/a\/\{id\} answered more than 100000 bytes\./);
});

describe('errors', () => {
  test('carry the status and the body as data', async () => {
    await using api = await startApi((_, response) => json(response, { error: 'no such pet' }, 404));
    const error = await failure(call(get(api.url), 'api.get', id));
    expect(error).toBeInstanceOf(ToolError);
    expect(error.message).toBe('GET /a/{id} answered 404 Not Found: {"error":"no such pet"}');
    expect(error.details).toEqual({ status: 404, body: { error: 'no such pet' } });
  });

  test('have an excerpt of a long page', async () => {
    await using api = await startApi((_, response) => response.writeHead(400).end('<p>\n'.repeat(50_000)));
    const error = await failure(call(get(api.url), 'api.get', id));
    expect(error.message).toHaveLength('GET /a/{id} answered 400 Bad Request: '.length + 500);
    expect(error.details).toEqual({ status: 400, body: '<p>\n'.repeat(500) });
  });

  test('never show what the host keeps secret, however the server repeats it', async () => {
    const secrets = ['s3cr3t-"t0k3n', 'q-s3cr3t/1', 'path-s3cr3t-0123456789', 'c00kie-value'];
    const headers = {
      Authorization: `Bearer ${secrets[0]}`,
      Cookie: `sid=${secrets[3]}`,
      'X-Api-Key': secrets[0] as string,
    };
    const repeats: Answer = (request, response) => json(response, { ...request, again: secrets }, 401);
    await using api = await startApi(repeats);
    const url = `${api.url}/${secrets[2]}?key=${encodeURIComponent(secrets[1] as string)}`;
    const error = await failure(call(get(url, { headers }), 'api.get', id));
    expect(api.seen[0]?.headers['x-api-key']).toBe(secrets[0]);
    const shown = `${error.message} ${JSON.stringify(error.details)}`;
    expect(shown).toContain('[redacted]');
    expect(shown).not.toMatch(/s3cr3t|t0k3n|c00kie/);
  });

  test('name a server that is not there by its code alone', async () => {
    let url: string;
    {
      await using api = await startApi(echo);
      url = api.url;
    }
    const error = await failure(call(get(`${url}/?key=s3cr3t-key`), 'api.get', id));
    expect(error.message).toBe('GET /a/{id}: no response from the server (ECONNREFUSED).');
  });

  test('tell of a response that breaks off', async () => {
    await using api = await startApi((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    const error = await failure(call(get(api.url, { retry: { attempts: 1 } }), 'api.get', id));
    expect(error.message).toMatch(/^GET \/a\/\{id\}: no response from the server \([A-Z_]+\)\.$/);
  });
});

describe('retries', () => {
  test('a status that may pass is tried again', async () => {
    await using api = await startApi(failing([503, 429], { 'retry-after': '0' }));
    expect(await call(get(api.url), 'api.get', id)).toEqual({ ok: true });
    expect(api.seen).toHaveLength(3);
  });

  test('and so is a connection that breaks', async () => {
    let count = 0;
    await using api = await startApi((request, response) => {
      if (++count === 1) response.destroy();
      else echo(request, response);
    });
    expect(await call(get(api.url), 'api.get', id)).toMatchObject({ url: '/a/7' });
    expect(count).toBe(2);
  });

  test('the last error is told when none goes well', async () => {
    await using api = await startApi(failing([500, 502, 503, 504]));
    const error = await failure(call(get(api.url), 'api.get', id));
    expect([error.message, api.seen.length]).toEqual(['GET /a/{id} answered 503 Service Unavailable: no', 3]);
  });

  test.each([
    ['another status', [404], {}, 'api.get', 1],
    ['POST', [503], {}, 'api.post', 1],
    ['POST, when it is asked for', [503, 503, 503], { methods: ['POST' as const] }, 'api.post', 3],
    ['GET, when it is not among the methods', [503], { methods: ['POST' as const] }, 'api.get', 1],
    ['a status of its own list', [404, 404], { statuses: [404], attempts: 2 }, 'api.get', 2],
    ['nothing with one attempt', [503], { attempts: 1 }, 'api.get', 1],
  ])('%s', async (_, statuses, retry, name, requests) => {
    await using api = await startApi(failing(statuses));
    const source = get(api.url, { retry: { delay: 0.001, ...retry } });
    await failure(call(source, name, name === 'api.get' ? id : {}));
    expect(api.seen).toHaveLength(requests);
  });

  test('a pause that is too long is told instead of waited for', async () => {
    await using api = await startApi(failing([429], { 'retry-after': '3600' }));
    const error = await failure(call(get(api.url), 'api.get', id));
    expect([error.details, api.seen.length]).toEqual([{ status: 429, body: 'no', retry_after: 3600 }, 1]);
  });

  test('a pause as a date counts too', async () => {
    const date = new Date(Date.now() + 7_200_000).toUTCString();
    await using api = await startApi(failing([503], { 'retry-after': date }));
    const { details } = await failure(call(get(api.url), 'api.get', id));
    expect((details as { retry_after: number }).retry_after).toBeGreaterThan(3600);
  });

  test('a time-out is not tried again', async () => {
    await using api = await startApi(() => {});
    const error = await failure(call(get(api.url, { timeout: 0.1 }), 'api.get', id));
    expect(error.message).toBe("GET /a/{id} took longer than 0.1 s (timeout in the tool's definition).");
    expect(api.seen.length).toBeLessThan(2);
  });

  test('the time-out holds for the body too', async () => {
    await using api = await startApi((_, response) => response.writeHead(200).write('half'));
    const error = await failure(call(get(api.url, { timeout: 0.2 }), 'api.get', id));
    expect(error.message).toBe("GET /a/{id} took longer than 0.2 s (timeout in the tool's definition).");
  });
});

describe('an aborted call', () => {
  test('ends the request with the reason', async () => {
    const controller = new AbortController();
    let closed: Promise<unknown> | undefined;
    await using api = await startApi((_, response) => {
      closed = once(response, 'close');
      controller.abort(new Error('stopped'));
    });
    const error = await failure(call(get(api.url), 'api.get', id, controller.signal));
    await closed;
    expect([error.message, api.seen.length]).toEqual(['stopped', 1]);
  });

  test('is not tried again, and does not wait for its turn', async () => {
    const controller = new AbortController();
    await using api = await startApi((_, response) => {
      response.on('close', () => controller.abort(new Error('stopped')));
      response.writeHead(503, { 'retry-after': '30' }).end();
    });
    const error = await failure(call(get(api.url), 'api.get', id, controller.signal));
    expect([error.message, api.seen.length]).toEqual(['stopped', 1]);
  });
});

describe('redirects', () => {
  const to =
    (status: number, location: string): Answer =>
    (request, response) =>
      request.url.startsWith('/a') ? response.writeHead(status, { location }).end() : echo(request, response);
  const headers = { Authorization: 'Bearer abc', Cookie: 'sid=1', 'X-Api-Key': 'key' };

  test('within the origin are followed with the headers', async () => {
    await using api = await startApi(to(302, '/b?x=1'));
    expect(await call(get(api.url, { headers }), 'api.get', id)).toMatchObject({ url: '/b?x=1' });
    expect(api.seen[1]?.headers).toMatchObject({ authorization: 'Bearer abc', 'x-api-key': 'key', cookie: 'sid=1' });
  });

  test('to another origin are refused, and nothing is sent there', async () => {
    await using other = await startApi(echo);
    await using api = await startApi(to(302, `${other.url}/b?token=in-url`));
    const error = await failure(call(get(api.url, { headers }), 'api.get', id));
    expect([error.message, other.seen]).toEqual([
      `GET /a/{id} was redirected to another origin (${other.url}), which is not followed; the host can write this origin into base_url, or set \`redirects: any\` in the tool's definition.`,
      [],
    ]);
  });

  test('are followed to other origins when the host says so, without a header of ours', async () => {
    await using other = await startApi(echo);
    await using api = await startApi(to(307, `${other.url}/b`));
    expect(await call(get(api.url, { headers, redirects: 'any' }), 'api.get', id)).toMatchObject({ url: '/b' });
    const sent = other.seen[0]?.headers ?? {};
    expect(Object.keys(headers).filter((name) => name.toLowerCase() in sent)).toEqual([]);
  });

  test('do not come back with the headers', async () => {
    await using api = await startApi((request, response) => {
      if (request.url.startsWith('/a')) response.writeHead(302, { location: `${other.url}/b` }).end();
      else echo(request, response);
    });
    await using other = await startApi((_, response) => response.writeHead(302, { location: `${api.url}/c` }).end());
    await call(get(api.url, { headers, redirects: 'any' }), 'api.get', id);
    expect(api.seen.map(({ url, headers: sent }) => [url, sent['x-api-key']])).toEqual([
      ['/a/7', 'key'],
      ['/c', undefined],
    ]);
  });

  test.each([
    [303, 'GET', ''],
    [302, 'GET', ''],
    [307, 'POST', '{"n":1}'],
  ])('%i makes of POST a %s', async (status, method, body) => {
    await using api = await startApi(to(status, '/b'));
    const endpoints = [{ name: 'post', method: 'POST' as const, path: '/a', parameters: { n: {} } }];
    expect(await call(get(api.url, { endpoints }), 'api.post', { n: 1 })).toMatchObject({ method, body });
  });

  test('never carry a body to another origin', async () => {
    await using other = await startApi(echo);
    await using api = await startApi(to(307, `${other.url}/b`));
    const error = await failure(call(get(api.url, { redirects: 'any' }), 'api.post'));
    expect([error.message, other.seen]).toEqual([
      `POST /a was redirected to another origin (${other.url}), which is not followed; only GET and HEAD follow to another origin.`,
      [],
    ]);
  });

  test.each(['file:///etc/passwd', 'http://user:pw@127.0.0.1/', 'data:text/plain,x', 'http://'])(
    'to %s are refused',
    async (location) => {
      await using api = await startApi(to(302, location));
      expect((await failure(call(get(api.url, { redirects: 'any' }), 'api.get', id))).message).toBe(
        'GET /a/{id} was redirected to an address that is no plain http:// or https:// URL.',
      );
    },
  );

  test('end somewhere', async () => {
    await using api = await startApi(to(302, '/a'));
    const error = await failure(call(get(api.url), 'api.get', id));
    expect([error.message, api.seen.length]).toEqual(['GET /a/{id} was redirected more than 10 times.', 11]);
  });
});
