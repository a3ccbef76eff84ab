import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromOpenApi } from '../../../../src/tool-sources/http/index.ts';
import { echo, startApi } from '../api-server.ts';
import { call } from '../call.ts';

const ok = { operationId: 'ok', responses: {} };
const withPaths = (paths: object, components: object = {}) => ({
  openapi: '3.1.0',
  servers: [{ url: 'https://x.example' }],
  paths: { '/ok': { get: ok }, ...paths },
  components,
});
const get = (operation: object) => ({ '/bad': { get: operation } });
const parameter = (more: object) => get({ parameters: [{ name: 'a', in: 'query', ...more }] });
const body = (content: object) => ({ '/bad': { post: { requestBody: { content } } } });

describe('a bad operation is left out, the others stay', () => {
  test.each([
    [get({ operationId: 'ok' }), 'GET /bad', 'its name x.ok is taken by GET /ok'],
    [
      get({ operationId: '!' }),
      'GET /bad',
      "Tool 'x.': a part of its name is empty; rename it to something Python can call",
    ],
    [{ '/bad': { trace: {} } }, 'TRACE /bad', 'TRACE would return the headers, secrets included'],
    [{ '/bad?x': { get: {} } }, 'GET /bad?x', 'its path contains ? or #'],
    [
      { '/bad': { $ref: 'other.yaml' } },
      '/bad',
      'its reference other.yaml leads out of the document, and nothing else is loaded; bundle the document into one file',
    ],
    [
      parameter({ schema: { $ref: '#/components/schemas/No' } }),
      'GET /bad',
      'its reference #/components/schemas/No leads to nothing in the document',
    ],
    [
      parameter({ schema: { type: 'array', items: { $ref: 'file:///etc/passwd' } } }),
      'GET /bad',
      'its reference file:///etc/passwd leads out of the document, and nothing else is loaded; bundle the document into one file',
    ],
    [
      get({ parameters: [{ $ref: '#/components/parameters/No' }] }),
      'GET /bad',
      'its reference #/components/parameters/No leads to nothing in the document',
    ],
    [parameter({ in: 'path' }), 'GET /bad', "its parameter 'a' is not in the path"],
    [parameter({ in: 'matrix' }), 'GET /bad', "its parameter 'a' is in 'matrix', which is not known"],
    [parameter({ style: 'matrix' }), 'GET /bad', "its parameter 'a' has the style 'matrix', which is not known"],
    [parameter({ content: { 'text/csv': {} } }), 'GET /bad', "its parameter 'a' is written as text/csv"],
    [
      body({ 'multipart/form-data': {} }),
      'POST /bad',
      'its body is multipart/form-data; JSON and application/x-www-form-urlencoded can be sent',
    ],
    [get({ requestBody: { required: true, content: {} } }), 'GET /bad', 'a GET request has no body'],
    [
      get({ servers: [{ url: '/relative' }] }),
      'GET /bad',
      'the document names no http:// or https:// server for it; set base_url',
    ],
    [
      get({ servers: [{ url: 'ftp://x' }] }),
      'GET /bad',
      'the document names no http:// or https:// server for it; set base_url',
    ],
  ])('%#', async (paths, subject, reason) => {
    const source = fromOpenApi({ name: 'x', document: withPaths(paths) });
    expect([...(await source.tools())].map(({ name }) => name)).toEqual(['x.ok']);
    expect(source.problems?.()).toEqual([{ source: 'x', subject, message: `${subject} was left out: ${reason}.` }]);
  });

  test('a key without a usable name shows its value nowhere', async () => {
    const securitySchemes = { key: { type: 'apiKey', in: 'cookie', name: 'a\nb' } };
    const source = fromOpenApi({ name: 'x', document: withPaths({}, { securitySchemes }), auth: { key: 's3cr3t' } });
    expect([...(await source.tools())]).toEqual([]);
    expect(source.problems?.().map(({ message }) => message)).toEqual([
      'GET /ok was left out: its key has no name that can be sent.',
    ]);
  });

  test('also when good schemas refer to bad ones in a circle', async () => {
    const uses = (name: string) => ({
      requestBody: { content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } } },
    });
    const object = (...names: string[]) => ({
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/schemas/${name}` }])),
    });
    const schemas = { A: object('B', 'None'), B: object('A'), C: object('C') };
    const paths = { '/a': { post: uses('A') }, '/b': { post: uses('B') }, '/c': { post: uses('C') } };
    const source = fromOpenApi({ name: 'x', document: withPaths(paths, { schemas }) });
    expect([...(await source.tools())].map(({ name }) => name)).toEqual(['x.ok', 'x.post_c']);
    expect(source.problems?.().map(({ subject }) => subject)).toEqual(['POST /a', 'POST /b']);
  });
});

describe('a document that cannot be used is a problem, not an exception', () => {
  test.each([
    [{ info: {} }, 'The document says neither `openapi: 3.…` nor `swagger: "2.0"`.'],
    ['broken.json', /^The document is neither JSON nor YAML: .+/],
    ['list.yaml', 'The document says neither `openapi: 3.…` nor `swagger: "2.0"`.'],
    ['missing.yaml', /^The document .+missing\.yaml cannot be read \(ENOENT\)\.$/],
  ])('%j', async (document, message) => {
    const folder = await mkdtemp(join(tmpdir(), 'code-mode-openapi-'));
    await writeFile(join(folder, 'broken.json'), '{"openapi": ');
    await writeFile(join(folder, 'list.yaml'), '- a\n- b\n');
    const source = fromOpenApi({ name: 'x', document }, { folder });
    expect([...(await source.tools())]).toEqual([]);
    expect(source.problems?.()).toEqual([
      {
        source: 'x',
        subject: 'document',
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      },
    ]);
    await rm(folder, { recursive: true });
  });

  test('and is asked for again the next time; its URL is not shown', async () => {
    let isUp = false;
    await using api = await startApi((request, response) => {
      if (request.url.startsWith('/doc'))
        response.writeHead(isUp ? 200 : 503).end(JSON.stringify({ ...withPaths({}), servers: [{ url: '/api' }] }));
      else echo(request, response);
    });
    const source = fromOpenApi({ name: 'x', document: `${api.url}/doc?token=s3cr3t` });
    expect(source.problems?.()).toEqual([]);
    expect([...(await source.tools())]).toEqual([]);
    expect(source.problems?.().map(({ message }) => message)).toEqual([
      'The server answered 503 for the document; check its URL, or pass the document itself.',
    ]);
    isUp = true;
    // A server that is written without its host is the one that the document came from.
    expect(await call(source, 'x.ok')).toMatchObject({ url: '/api/ok' });
    expect(source.problems?.()).toEqual([]);
  });

  test('nor is anything that it refers to requested', async () => {
    await using api = await startApi(echo);
    const schema = { $ref: `${api.url}/schema.json` };
    const source = fromOpenApi({ name: 'x', document: withPaths(parameter({ schema })) });
    expect([...(await source.tools())]).toHaveLength(1);
    expect([source.problems?.().length, api.seen]).toEqual([1, []]);
  });
});

test.each([
  [{ document: '' }, 'document: Too small: expected string to have >=1 characters'],
  [{ document: {}, auth: { key: 'a\nb' } }, 'auth.key: must be one line without control characters'],
  [{ document: {}, tag: ['a'] }, 'Unrecognized key: "tag"'],
])('a definition that cannot be used says where (%#)', (change, problem) => {
  expect(() => fromOpenApi({ name: 'x', ...change })).toThrow(
    expect.objectContaining({ code: 'invalid_options', message: `OpenAPI tools 'x': ${problem}.` }),
  );
});
