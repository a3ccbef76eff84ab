import { describe, expect, test } from 'vitest';
import { fromOpenApi } from '../../../../src/tool-sources/http/index.ts';
import type { ToolSource } from '../../../../src/tool-sources/tool.ts';
import { echo, json, startApi } from '../api-server.ts';
import { call, failure, toolOf } from '../call.ts';
import { books, orders, petShop } from './documents.ts';

const names = async (source: ToolSource) => [...(await source.tools())].map(({ name }) => name);

describe('OpenAPI 3.1', () => {
  const document = petShop('https://pets.example');

  test('operations are tools, named as Python names things', async () => {
    const source = fromOpenApi({ name: 'pets', document });
    expect(await names(source)).toEqual([
      'pets.list_pets',
      'pets.create_pet',
      'pets.pets.get',
      'pets.delete_pets_pet_id',
      'pets.health',
    ]);
    expect(source.problems?.()).toEqual([]);
  });

  test('parameters and the result are typed; a recursive schema keeps its name', async () => {
    const { execute: _, ...tool } = await toolOf(fromOpenApi({ name: 'pets', document }), 'pets.list_pets');
    expect(tool).toEqual({
      name: 'pets.list_pets',
      description: 'All pets.',
      inputSchema: {
        type: 'object',
        properties: {
          limit: { type: 'integer', maximum: 100, description: 'How many.' },
          tags: { type: 'array', items: { type: 'string' } },
          where: { type: 'object' },
        },
        required: [],
        additionalProperties: false,
      },
      outputSchema: {
        type: 'array',
        items: { $ref: '#/$defs/Pet' },
        $defs: {
          Pet: {
            type: 'object',
            required: ['id', 'name'],
            properties: {
              id: { type: 'integer', readOnly: true },
              name: { type: 'string' },
              parent: { $ref: '#/$defs/Pet' },
            },
          },
        },
      },
      annotations: { readOnly: true, idempotent: true, openWorld: true },
    });
  });

  test('the keys of the body stand beside the parameters, without those that the server sets', async () => {
    const { inputSchema } = await toolOf(fromOpenApi({ name: 'pets', document }), 'pets.create_pet');
    expect(inputSchema).toMatchObject({
      properties: { name: { type: 'string' }, parent: { $ref: '#/$defs/Pet' } },
      required: ['name'],
      $defs: { Pet: {} },
    });
    expect(Object.keys(inputSchema.properties as object)).toEqual(['name', 'parent']);
  });

  test('calls go where the document says, with the key that it asks for', async () => {
    await using api = await startApi(echo);
    const source = fromOpenApi({ name: 'pets', document: petShop(api.url), auth: { key: 'k', login: 'u:p' } });
    const input = { limit: 2, tags: ['a', 'b'], where: { age: 3 } };
    expect(await call(source, 'pets.list_pets', input)).toMatchObject({
      url: '/v1/pets?limit=2&tags=a%2Cb&where=%7B%22age%22%3A3%7D',
    });
    // The id is the server's to set, in the parent too.
    expect(await call(source, 'pets.create_pet', { name: 'Rex', parent: { name: 'Max' } })).toMatchObject({
      body: '{"name":"Rex","parent":{"name":"Max"}}',
    });
    await call(source, 'pets.pets.get', { petId: 'a/b', 'X-Trace': 't', session: 'a;b' });
    expect(api.seen[2]).toMatchObject({ url: '/v1/pets/a%2Fb', headers: { 'x-trace': 't', cookie: 'session=a%3Bb' } });
    await call(source, 'pets.health');
    expect(api.seen.map(({ headers }) => [headers['x-key'], headers.authorization])).toEqual([
      ['k', undefined],
      ['k', undefined],
      ['k', undefined],
      [undefined, undefined],
    ]);
  });

  test('arguments are checked before anything is sent', async () => {
    await using api = await startApi(echo);
    const source = fromOpenApi({ name: 'pets', document: petShop(api.url) });
    expect((await failure(call(source, 'pets.list_pets', { limit: 101 }))).message).toBe('integer <= 100');
    expect((await failure(call(source, 'pets.create_pet', { name: 'Rex', parent: {} }))).message).toBe('is missing');
    expect(api.seen).toEqual([]);
  });

  test('what the host sets is no argument', async () => {
    const source = fromOpenApi({ name: 'pets', document, headers: { 'x-trace': 'host', Cookie: 'session=1' } });
    const { inputSchema } = await toolOf(source, 'pets.pets.get');
    expect(Object.keys(inputSchema.properties as object)).toEqual(['petId']);
  });

  test('an optional body of GET is left out', async () => {
    const requestBody = { content: { 'application/json': { schema: { type: 'object' } } } };
    const source = fromOpenApi({ name: 'p', document: { ...document, paths: { '/a': { get: { requestBody } } } } });
    expect((await toolOf(source, 'p.get_a')).inputSchema.properties).toEqual({});
  });

  test('base_url replaces every server', async () => {
    await using api = await startApi(echo);
    const source = fromOpenApi({ name: 'pets', document, base_url: `${api.url}/proxy` });
    expect(await call(source, 'pets.health')).toMatchObject({ url: '/proxy/health' });
  });
});

describe('OpenAPI 3.0', () => {
  test('calls', async () => {
    await using api = await startApi((request, response) => {
      if (request.url === '/openapi.yaml') response.end(books(api.url));
      else echo(request, response);
    });
    const source = fromOpenApi({ name: 'books', document: `${api.url}/openapi.yaml` });
    expect(await names(source)).toEqual(['books.replace_book', 'books.add_note', 'books.import_books']);
    const input = { id: 1, id_query: 'x', title: 'T', isbn: null };
    expect(await call(source, 'books.replace_book', input)).toMatchObject({
      url: '/v2/books/1?id=x',
      body: '{"title":"T","isbn":null}',
    });
    expect((await failure(call(source, 'books.replace_book', { id: 1, title: 'T', price: 0 }))).message).toBe(
      'number > 0',
    );
    expect((await failure(call(source, 'books.replace_book', { id: 1 }))).message).toBe(
      'missing argument title (string)',
    );
    expect(await call(source, 'books.add_note', { id: 1, body: { id: 2, text: 'a b' } })).toMatchObject({
      url: '/v2/books/1/notes',
      body: 'id=2&text=a%20b',
      type: 'application/x-www-form-urlencoded',
    });
    expect(await call(source, 'books.add_note', { id: 1 })).toMatchObject({ body: '', type: null });
    expect(await call(source, 'books.import_books', { body: ['a'] })).toMatchObject({ body: '["a"]' });
    // The document was fetched once.
    expect(api.seen.filter(({ url }) => url === '/openapi.yaml')).toHaveLength(1);
  });
});

describe('Swagger 2.0', () => {
  test('calls', async () => {
    await using api = await startApi(echo);
    const source = fromOpenApi({ name: 'shop', document: orders(api.url), auth: { basic: 'user:pass' } });
    expect(await names(source)).toEqual(['shop.list_orders', 'shop.place_order', 'shop.log_in']);
    expect((await toolOf(source, 'shop.list_orders')).outputSchema).toMatchObject({ items: { $ref: '#/$defs/Order' } });
    expect(await call(source, 'shop.list_orders', { state: ['a', 'b'] })).toMatchObject({
      url: '/api/orders?state=a&state=b',
    });
    expect(await call(source, 'shop.place_order', { item: 'tea', count: 2 })).toMatchObject({
      body: '{"item":"tea","count":2}',
    });
    expect(await call(source, 'shop.log_in', { user: 'me' })).toMatchObject({ body: 'user=me' });
    expect((await failure(call(source, 'shop.log_in'))).message).toBe('missing argument user (string)');
    expect(api.seen[0]?.headers.authorization).toBe(`Basic ${btoa('user:pass')}`);
    expect(source.problems?.()).toEqual([]);
  });

  test('an operation that cannot be upgraded does not hide the others', async () => {
    const document = orders('http://x.example');
    const broken = { get: { parameters: [{ name: 'a', type: 'string' }], responses: {} } };
    const source = fromOpenApi({
      name: 'shop',
      document: { ...document, paths: { ...document.paths, '/bad': broken } },
    });
    expect(await names(source)).toEqual(['shop.list_orders', 'shop.place_order', 'shop.log_in']);
    expect(source.problems?.()).toEqual([
      { source: 'shop', subject: '/bad', message: '/bad was left out: Parameter object must have an "in" property.' },
    ]);
  });
});

describe('what is taken', () => {
  const document = petShop('https://pets.example');
  test.each([
    [{ include: { tags: ['write'] } }, ['create_pet', 'delete_pets_pet_id']],
    [{ include: { operations: ['listPets', 'DELETE /pets/{petId}'] } }, ['list_pets', 'delete_pets_pet_id']],
    [{ include: { operations: ['GET *'] } }, ['list_pets', 'pets.get', 'health']],
    [{ include: { tags: ['pets'], operations: ['health'] } }, ['list_pets', 'create_pet', 'pets.get', 'health']],
    [{ include: { tags: ['pets'] }, exclude: { tags: ['write'] } }, ['list_pets', 'pets.get']],
    [{ exclude: { operations: ['* /pets*'] } }, ['health']],
    [{ include: { operations: ['health'] }, exclude: { operations: ['PATCH *'] } }, ['health']],
    [{ include: {} }, []],
  ])('%j', async (choice, taken) => {
    const source = fromOpenApi({ name: 'p', document, ...choice });
    expect([await names(source), source.problems?.()]).toEqual([taken.map((name) => `p.${name}`), []]);
  });

  test('a choice that fits nothing is a problem', async () => {
    const choice = {
      include: { tags: ['pet'], operations: ['listPet', 'GET /nope'] },
      exclude: { operations: ['GET /health', 'nope'] },
    };
    const source = fromOpenApi({ name: 'p', document, ...choice, auth: { Key: 'k' } });
    expect(await names(source)).toEqual([]);
    expect(source.problems?.().map(({ message }) => message)).toEqual([
      "No operation is 'listPet'. Did you mean 'listPets'?",
      "No operation is 'GET /nope'.",
      "No operation is 'nope'.",
      "No operation has the tag 'pet'. Did you mean 'pets'?",
      "The document has no security scheme 'Key'. Did you mean 'key'?",
    ]);
  });

  test('prefix and rename give other names', async () => {
    const options = { prefix: 'x', rename: { 'p.list_pets': 'all' } };
    const source = fromOpenApi({ name: 'p', document, include: { operations: ['listPets', 'health'] } }, options);
    expect(await names(source)).toEqual(['x.all', 'x.p.health']);
  });
});

describe('who gets which credentials', () => {
  const withSchemes = (url: string, securitySchemes: object, security?: object[]) => ({
    openapi: '3.1.0',
    servers: [{ url }],
    paths: { '/a': { get: { operationId: 'a', ...(security && { security }) } } },
    components: { securitySchemes },
  });
  const schemes = {
    query: { type: 'apiKey', in: 'query', name: 'key' },
    cookie: { type: 'apiKey', in: 'cookie', name: 'sid' },
    oauth: { type: 'oauth2', flows: {} },
  };

  test.each([
    ['all that were given, where the document does not say', undefined, '/a?key=q', 'sid=c', 'Bearer t'],
    [
      'the first alternative that is complete',
      [{ nope: [] }, { query: [], cookie: [] }],
      '/a?key=q',
      'sid=c',
      undefined,
    ],
    ['one rather than none, where both work', [{}, { oauth: ['read'] }], '/a', undefined, 'Bearer t'],
    ['none, where none is complete', [{ oauth: [], nope: [] }], '/a', undefined, undefined],
  ])('%s', async (_, security, url, cookie, authorization) => {
    await using api = await startApi(echo);
    const document = withSchemes(api.url, schemes, security);
    const source = fromOpenApi({ name: 'p', document, auth: { query: 'q', cookie: 'c', oauth: 't' } });
    expect(await call(source, 'p.a')).toMatchObject({ url });
    expect([api.seen[0]?.headers.cookie, api.seen[0]?.headers.authorization]).toEqual([cookie, authorization]);
  });

  test('nothing of them is in tools, problems or errors', async () => {
    await using api = await startApi(({ url, headers }, response) => json(response, { url, headers }, 403));
    const auth = { query: 's3cr3t-q', cookie: 's3cr3t-c', oauth: 's3cr3t-t', nope: 's3cr3t-n' };
    const source = fromOpenApi({ name: 'p', document: withSchemes(api.url, schemes), auth });
    const error = await failure(call(source, 'p.a'));
    expect(api.seen[0]?.url).toBe('/a?key=s3cr3t-q');
    const shown = JSON.stringify([[...(await source.tools())], source.problems?.(), error.message, error.details]);
    expect(shown).not.toContain('s3cr3t');
  });
});
