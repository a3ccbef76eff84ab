import { afterAll, beforeAll, expect, test } from 'vitest';
import { SubprocessExecutor } from '../../../src/executors/subprocess/index.ts';
import { Session } from '../../../src/session.ts';
import { fromHttp, fromOpenApi } from '../../../src/tool-sources/http/index.ts';
import { type ApiServer, json, startApi } from './api-server.ts';
import { petShop } from './open-api/documents.ts';

const executor = new SubprocessExecutor();
let api: ApiServer;
beforeAll(async () => {
  api = await startApi((request, response) => {
    if (request.url === '/openapi.json') return json(response, petShop(api.url));
    if (request.headers['x-key'] !== 'k3y-v4lue') return json(response, { error: 'no key' }, 401);
    if (request.url.startsWith('/v1/pets?limit=2'))
      return json(response, [
        { id: 1, name: 'Rex' },
        { id: 2, name: 'Max' },
      ]);
    if (request.method === 'POST') return json(response, { id: 2 ** 53 + 2, ...JSON.parse(request.body) }, 201);
    if (request.url === '/v1/photo')
      return response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from([0, 255]));
    json(response, { error: 'no such pet', key: request.headers['x-key'] }, 404);
  });
});
afterAll(async () => {
  await executor.close();
  await api[Symbol.asyncDispose]();
});

const newSession = () =>
  new Session({
    executor,
    tools: [
      fromOpenApi({ name: 'pets', document: `${api.url}/openapi.json`, auth: { key: 'k3y-v4lue' } }),
      fromHttp({
        name: 'shop',
        base_url: `${api.url}/v1`,
        headers: { 'X-Key': 'k3y-v4lue' },
        endpoints: [
          { name: 'photo', path: '/photo', description: 'A photo.' },
          { name: 'create', method: 'POST', path: '/pets', parameters: { name: { type: 'string', required: true } } },
        ],
      }),
    ],
  });

test('Python calls operations and endpoints as functions that return data', async () => {
  await using session = newSession();
  const result = await session.run(`
pets = tools.pets.list_pets(limit=2)
made = tools.pets.create_pet(name="Kim")
import asyncio
both = await asyncio.gather(tools.shop.create(name="A"), tools.shop.create(name="B"))
([pet["name"] for pet in pets], made, type(made["id"]).__name__, [pet["name"] for pet in both], tools.shop.photo())
`);
  expect(result).toMatchObject({ status: 'completed' });
  expect(result.status === 'completed' && result.result).toEqual([
    ['Rex', 'Max'],
    { id: { $int: '9007199254740994' }, name: 'Kim' },
    'int',
    ['A', 'B'],
    { $bytes: Buffer.from([0, 255]).toString('base64') },
  ]);
});

test('an unknown, a missing or a wrong argument is refused before any request', async () => {
  await using session = newSession();
  const before = api.seen.length;
  const messages: unknown[] = [];
  for (const code of [
    'tools.pets.list_pets(limt=2)',
    'tools.pets.create_pet()',
    'tools.pets.list_pets(limit="two")',
    'tools.shop.create("A")',
  ]) {
    const result = await session.run(code);
    messages.push(result.status === 'failed' && `${result.error.name}: ${result.error.message}`);
  }
  expect(messages).toEqual([
    "ToolArgumentError: Line 1: tools.pets.list_pets() has no argument 'limt'. Did you mean 'limit'? Its signature: tools.pets.list_pets(limit=..., tags=..., where=...). Nothing has run.",
    "ToolArgumentError: Line 1: tools.pets.create_pet() is missing the required argument 'name'. Its signature: tools.pets.create_pet(name, parent=...). Nothing has run.",
    'ToolArgumentError: tools.pets.list_pets(limit=…): limit must be an integer <= 100, got "two" (str)',
    'ToolArgumentError: Line 1: tools.shop.create() takes keyword arguments only. Write tools.shop.create(name="A"). Nothing has run.',
  ]);
  expect(api.seen.slice(before).map(({ url }) => url)).toEqual(['/openapi.json']);
});

test('a refusal of the server is an exception with its status and body, and without the key', async () => {
  await using session = newSession();
  const result = await session.run(`
try:
    tools.pets.pets.get(petId="7")
except ToolError as error:
    print(error)
    print(error.details)
`);
  expect(result.stdout).toBe(
    `GET /pets/{petId} answered 404 Not Found: {"error":"no such pet","key":"[redacted]"}
{'status': 404, 'body': {'error': 'no such pet', 'key': '[redacted]'}}
`,
  );
});

test('what cannot be sent raises a TypeError, and the session goes on', async () => {
  await using session = newSession();
  const result = await session.run(`
for value in (object(), {1, 2}, b"x"):
    try:
        tools.shop.create(name=value)
    except TypeError as error:
        print(error)
`);
  expect(result.stdout.trimEnd().split('\n')).toEqual([
    'tools.shop.create(name=…): name is an object; tools take JSON values. Pass a dict, a list, text or a number instead, e.g. vars(...) or str(...).',
    'tools.shop.create(name=…): name is a set; tools take JSON values. Pass list(...) instead.',
    'tools.shop.create(name=…): name is a bytes; tools take JSON values. Pass text: data.decode(), or base64.b64encode(data).decode().',
  ]);
  expect((await session.run('1 + 1')).status).toBe('completed');
});

test('the model sees typed functions, and nothing of the server', async () => {
  await using session = newSession();
  expect(
    await session.tools.describe('pets.list_pets'),
  ).toBe(`# Calls return data. tools.NAME.aio(...) is the awaitable form.
class Pet(TypedDict):
    id: int
    name: str
    parent: NotRequired[Pet]

class tools:
    class pets:
        def list_pets(*, limit: int = ..., tags: list[str] = ..., where: dict = ...) -> list[Pet]:
            """All pets.

            Args:
                limit: How many. (<= 100)
            """`);
  const everything = JSON.stringify(await session.tools.list());
  expect(everything).not.toMatch(/127\.0\.0\.1|k3y-v4lue/);
});
