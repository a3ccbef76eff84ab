import { describe, expect, test } from 'vitest';
import { type FromHttpDefinition, fromHttp } from '../../../src/tool-sources/http/index.ts';
import { echo, startApi } from './api-server.ts';
import { call, failure, toolOf } from './call.ts';

type Endpoint = FromHttpDefinition['endpoints'][number];

const endpoint = (url: string, definition: Endpoint, more: Partial<FromHttpDefinition> = {}) =>
  fromHttp({ name: 'api', base_url: url, endpoints: [definition], ...more });

describe('where arguments go', () => {
  test('GET sends them in the query: lists repeated, None and what is absent left out, defaults filled in', async () => {
    await using api = await startApi(echo);
    const source = endpoint(api.url, {
      name: 'search',
      path: '/search',
      parameters: {
        q: { type: 'string', required: true },
        tag: { type: 'array', items: { type: 'string' } },
        exact: { type: 'boolean' },
        limit: { type: 'integer', default: 10 },
        page: { type: ['integer', 'null'] },
      },
    });
    expect(await call(source, 'api.search', { q: 'a b&c=d+é', tag: ['x', 'y'], exact: true, page: null })).toEqual({
      method: 'GET',
      url: '/search?q=a%20b%26c%3Dd%2B%C3%A9&tag=x&tag=y&exact=true&limit=10',
      body: '',
      type: null,
    });
  });

  test.each([
    ['form', false, '/?v=a%2Cb'],
    ['pipeDelimited', false, '/?v=a%7Cb'],
    ['spaceDelimited', false, '/?v=a%20b'],
  ] as const)('a list in the style %s', async (style, explode, url) => {
    await using api = await startApi(echo);
    const source = endpoint(api.url, { name: 'get', path: '/', parameters: { v: { style, explode } } });
    expect(await call(source, 'api.get', { v: ['a', 'b'] })).toMatchObject({ url });
  });

  test('an object in the query, spread or in brackets', async () => {
    await using api = await startApi(echo);
    const parameters = { a: { type: 'object' }, b: { type: 'object', style: 'deepObject' as const } };
    const source = endpoint(api.url, { name: 'get', path: '/', parameters });
    expect(await call(source, 'api.get', { a: { x: 1 }, b: { y: { z: 2 }, w: [3, 4] } })).toMatchObject({
      url: '/?x=1&b%5By%5D%5Bz%5D=2&b%5Bw%5D=3&b%5Bw%5D=4',
    });
  });

  test('POST sends JSON, with None as null and integers of any size as they are', async () => {
    await using api = await startApi(echo);
    const parameters = {
      name: { type: 'string', required: true },
      note: { type: ['string', 'null'] },
      id: {},
      left: {},
    };
    const source = endpoint(api.url, { name: 'create', method: 'POST', path: '/pets', parameters });
    expect(await call(source, 'api.create', { name: 'Rex', note: null, id: 12345678901234567890n })).toEqual({
      method: 'POST',
      url: '/pets',
      body: '{"name":"Rex","note":null,"id":12345678901234567890}',
      type: 'application/json',
    });
  });

  test('a form body has the same keys, percent-encoded', async () => {
    await using api = await startApi(echo);
    const parameters = { name: {}, tags: { type: 'array' }, address: { type: 'object' } };
    const source = endpoint(api.url, { name: 'create', method: 'POST', path: '/', body: 'form', parameters });
    const input = { name: 'A & B', tags: [1, 2], address: { city: 'Oslo' } };
    expect(await call(source, 'api.create', input)).toMatchObject({
      body: 'name=A%20%26%20B&tags=1&tags=2&address%5Bcity%5D=Oslo',
      type: 'application/x-www-form-urlencoded',
    });
  });

  test('`in` moves a parameter to the query of a POST, to a header, or to the body of a DELETE', async () => {
    await using api = await startApi(echo);
    const post = endpoint(api.url, {
      name: 'post',
      method: 'POST',
      path: '/',
      parameters: { dry_run: { in: 'query' }, 'x-lang': { in: 'header' }, text: {} },
    });
    expect(await call(post, 'api.post', { dry_run: true, 'x-lang': 'nb', text: 't' })).toMatchObject({
      url: '/?dry_run=true',
      body: '{"text":"t"}',
    });
    expect(api.seen[0]?.headers['x-lang']).toBe('nb');
    const remove = endpoint(api.url, { name: 'del', method: 'DELETE', path: '/', parameters: { ids: { in: 'body' } } });
    expect(await call(remove, 'api.del', { ids: [1] })).toMatchObject({ method: 'DELETE', body: '{"ids":[1]}' });
  });

  test('headers of the definition and of the endpoint are sent, and the query of the base URL with each request', async () => {
    await using api = await startApi(echo);
    const source = fromHttp({
      name: 'api',
      base_url: `${api.url}/v1/?key=k-e-y`,
      headers: { Authorization: 'Bearer abc', 'X-Mode': 'one' },
      endpoints: [
        { name: 'a', path: '/a', parameters: { key: {}, q: {} } },
        { name: 'b', path: '/b', headers: { 'x-mode': 'two' } },
      ],
    });
    expect(await call(source, 'api.a', { key: 'mine', q: 1 })).toMatchObject({ url: '/v1/a?key=k-e-y&q=1' });
    await call(source, 'api.b');
    expect(api.seen.map(({ headers }) => [headers.authorization, headers['x-mode']])).toEqual([
      ['Bearer abc', 'one'],
      ['Bearer abc', 'two'],
    ]);
  });
});

describe('an argument cannot leave its place in the path', () => {
  test.each([
    ['a b/c?d#e', '/users/a%20b%2Fc%3Fd%23e/posts'],
    ['группа', '/users/%D0%B3%D1%80%D1%83%D0%BF%D0%BF%D0%B0/posts'],
    ['.hidden', '/users/.hidden/posts'],
    ['100%', '/users/100%25/posts'],
    ['//other.example', '/users/%2F%2Fother.example/posts'],
  ])('%s is encoded', async (user, url) => {
    await using api = await startApi(echo);
    const source = endpoint(api.url, { name: 'posts', path: '/users/{user}/posts' });
    expect(await call(source, 'api.posts', { user })).toMatchObject({ url });
  });

  test.each([
    '..',
    '.',
    '../admin',
    'a/../../b',
    '..\\admin',
    '%2e%2e',
    '..%2fadmin',
    '%252e%252e%252f',
    '.%09.',
    '..;/x',
  ])('%s is refused, and nothing is sent', async (user) => {
    await using api = await startApi(echo);
    const source = endpoint(api.url, { name: 'posts', path: '/users/{user}/posts' });
    const error = await failure(call(source, 'api.posts', { user }));
    expect([error.message, api.seen]).toEqual([
      "user is part of the path /users/{user}/posts and must not contain '.' or '..' between slashes.",
      [],
    ]);
  });

  test('an empty one is refused, and so are dots made of two', async () => {
    await using api = await startApi(echo);
    const one = endpoint(api.url, { name: 'get', method: 'DELETE', path: '/users/{user}' });
    expect((await failure(call(one, 'api.get', { user: '' }))).message).toBe(
      'user is part of the path /users/{user} and must not be empty.',
    );
    const two = endpoint(api.url, { name: 'get', path: '/x/{a}{b}/y', parameters: {} });
    expect((await failure(call(two, 'api.get', { a: '.', b: 'z' }))).message).toBe(
      "a is part of the path /x/{a}{b}/y and must not contain '.' or '..' between slashes.",
    );
    const dotted = endpoint(api.url, { name: 'get', path: '/x/.{a}/y' });
    expect((await failure(call(dotted, 'api.get', { a: '%2e' }))).message).toBe(
      "a is part of the path /x/.{a}/y and must not contain '.' or '..' between slashes.",
    );
    const side = endpoint(api.url, { name: 'get', path: '/x/.{a}/y', parameters: { a: { type: 'string' } } });
    expect(await call(side, 'api.get', { a: 'git' })).toMatchObject({ url: '/x/.git/y' });
    expect(api.seen).toHaveLength(1);
  });
});

test.each([
  [
    { body: new Uint8Array([1]) },
    'the body, at "body", is bytes, which JSON does not have; pass text, e.g. base64.b64encode(data).decode().',
  ],
  [{ body: Number.NaN }, 'the body, at "body", is NaN, which JSON does not have; pass None or a number.'],
  [{ q: new Uint8Array([1]) }, 'q is bytes, which a URL cannot hold; pass text, e.g. base64.b64encode(data).decode().'],
  [{ h: 'a\r\nX-Evil: 1' }, 'h cannot be sent as the header h; pass one line of Latin-1 text.'],
  [{ h: '日本' }, 'h cannot be sent as the header h; pass one line of Latin-1 text.'],
])('what cannot be sent is refused before anything is sent (%#)', async (input, message) => {
  await using api = await startApi(echo);
  const source = endpoint(api.url, {
    name: 'post',
    method: 'POST',
    path: '/',
    parameters: { q: { in: 'query' }, h: { in: 'header' }, body: {} },
  });
  expect((await failure(call(source, 'api.post', input))).message).toBe(message);
  expect(api.seen).toEqual([]);
});

describe('the tools', () => {
  const definition: FromHttpDefinition = {
    name: 'pets',
    description: 'A shop.',
    base_url: 'https://user-secret.example/?key=s3cr3t',
    headers: { 'X-Key': 's3cr3t' },
    endpoints: [
      { name: 'list', path: '/pets', description: 'All pets.', output: { type: 'array' } },
      { name: 'buy', method: 'POST', path: '/pets/{id}', annotations: { idempotent: true } },
      { name: 'replace', method: 'PUT', path: '/pets/{id}' },
      { name: 'remove', method: 'DELETE', path: '/pets/{id}' },
    ],
  };

  test('are plain tools that say nothing of where the requests go', () => {
    const tools = [...(fromHttp(definition).tools() as Iterable<object>)];
    expect(tools[0]).toEqual({
      name: 'pets.list',
      description: 'All pets.',
      inputSchema: { type: 'object', properties: {}, required: [], additionalProperties: false },
      outputSchema: { type: 'array' },
      annotations: { readOnly: true, idempotent: true, openWorld: true },
      execute: expect.any(Function),
    });
    expect(JSON.stringify(tools)).not.toMatch(/secret|s3cr3t/);
  });

  test('have annotations by their method, unless the endpoint says otherwise', async () => {
    const source = fromHttp(definition);
    const annotations = async (name: string) => (await toolOf(source, name)).annotations;
    expect(await annotations('pets.buy')).toEqual({ readOnly: false, idempotent: true, openWorld: true });
    expect(await annotations('pets.replace')).toEqual({
      readOnly: false,
      destructive: true,
      idempotent: true,
      openWorld: true,
    });
    expect(await annotations('pets.remove')).toMatchObject({ destructive: true, idempotent: true });
  });

  test('take other names', () => {
    const source = fromHttp(definition, { prefix: 'shop', rename: { 'pets.list': 'pets.all' } });
    expect([...(source.tools() as Iterable<{ name: string }>)].map(({ name }) => name)).toEqual([
      'shop.pets.all',
      'shop.pets.buy',
      'shop.pets.replace',
      'shop.pets.remove',
    ]);
  });
});

describe('a definition that cannot be used says where', () => {
  const get = { name: 'get', path: '/' };
  test.each([
    [
      { base_url: 'ftp://x' },
      'base_url: must be an http:// or https:// URL without user and password (use headers for them) and without #',
    ],
    [
      { base_url: 'https://user:s3cr3t@x' },
      'base_url: must be an http:// or https:// URL without user and password (use headers for them) and without #',
    ],
    [{ headers: { 'X-Key': 's3cr3t\n' } }, 'headers.X-Key: must be one line without control characters'],
    [{ retries: 3 }, 'Unrecognized key: "retries"'],
    [{ endpoints: [] }, 'endpoints: Too small: expected array to have >=1 items'],
    [
      { endpoints: [get, { ...get, path: 'x' }] },
      'endpoints[1].path: must start with / and have no ? and no # (declare parameters instead)',
    ],
    [{ endpoints: [get, get] }, "endpoints[1].name: another endpoint is named 'get'"],
    [
      { endpoints: [{ ...get, name: '!' }] },
      "endpoints[0]: Tool 'api.!': '!' has no letter or digit; rename it to something Python can call",
    ],
    [
      { endpoints: [{ ...get, parameters: { id: { in: 'path' } } }] },
      'endpoints[0].parameters.id: the path does not name it; write it there in braces',
    ],
    [
      { endpoints: [{ ...get, path: '/{id}', parameters: { id: { in: 'query' } } }] },
      "endpoints[0].parameters.id: it is in the path, so 'in' must be path",
    ],
    [
      { endpoints: [{ ...get, parameters: { id: { in: 'body' } } }] },
      'endpoints[0].parameters.id: a GET request has no body',
    ],
  ])('%#', (change, problem) => {
    const definition = {
      name: 'api',
      base_url: 'https://x.example',
      endpoints: [get],
      ...change,
    } as FromHttpDefinition;
    expect(() => fromHttp(definition)).toThrow(
      expect.objectContaining({ code: 'invalid_options', message: `HTTP tools 'api': ${problem}.` }),
    );
  });
});
