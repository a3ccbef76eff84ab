import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Session } from '../../../src/session.ts';
import { fromYaml } from '../../../src/tool-sources/yaml/index.ts';
import { yamlFolder } from '../yaml-folder.ts';

const seen: string[] = [];
const server = createServer((request, response) => {
  seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ url: request.url }));
});
let url = '';
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

it('makes tools of endpoints and of a document beside the file, and keeps the credentials on the host', async () => {
  const folder = yamlFolder({
    'shop.yaml': `
name: shop
type: http
base_url: \${SHOP_URL}/v1
headers: {Authorization: "Bearer \${SHOP_TOKEN}"}
endpoints:
  - {name: get-order, method: GET, path: "/orders/{id}", description: An order., parameters: {id: {type: integer}}}
`,
    'pets.yaml': `
name: pets
type: openapi
document: pets.json
base_url: \${SHOP_URL}
auth: {key: "\${SHOP_TOKEN}"}
include: {tags: [read]}
`,
    'bad.yaml': `
name: bad
type: http
base_url: \${SHOP_URL}
endpoints: [{name: x, method: GETT, path: /x}]
`,
  });
  const operation = { operationId: 'listPets', tags: ['read'], responses: { 200: { description: 'ok' } } };
  writeFileSync(
    join(folder, 'pets.json'),
    JSON.stringify({
      openapi: '3.1.0',
      info: { title: 'Pets', version: '1' },
      paths: { '/pets': { get: operation, post: { ...operation, operationId: 'addPet', tags: ['write'] } } },
      security: [{ key: [] }],
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    }),
  );
  const env = { SHOP_URL: url, SHOP_TOKEN: 'tok-very-secret' };
  await using session = new Session({ tools: [fromYaml(folder, { env })] });
  const result = await session.run('[tools.shop.get_order(id=7)["url"], tools.pets.list_pets()["url"]]');
  expect(result).toMatchObject({ status: 'completed', result: ['/v1/orders/7', '/pets'] });
  expect(seen).toEqual(['GET /v1/orders/7 Bearer tok-very-secret', 'GET /pets Bearer tok-very-secret']);
  expect((await session.tools.list()).map(({ name }) => name)).toEqual(['pets.list_pets', 'shop.get_order']);
  expect(JSON.stringify(await session.tools.list())).not.toContain('very-secret');
  const problems = (await session.tools.problems()).map(({ message }) => message.replaceAll(`${folder}/`, ''));
  expect(problems).toEqual([
    'bad.yaml:5:23: endpoints.0.method must be "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH" or "DELETE", got GETT; did you mean "GET"?',
  ]);
});
