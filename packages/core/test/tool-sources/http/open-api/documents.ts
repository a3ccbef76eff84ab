/** A pet shop in OpenAPI 3.1, written as people write them. */
export const petShop = (server: string) => ({
  openapi: '3.1.0',
  info: { title: 'Pets', version: '1' },
  servers: [{ url: `${server}/v1` }],
  security: [{ key: [] }],
  paths: {
    '/pets': {
      get: {
        operationId: 'listPets',
        tags: ['pets'],
        summary: 'All pets.',
        parameters: [
          { name: 'limit', in: 'query', description: 'How many.', schema: { type: 'integer', maximum: 100 } },
          { name: 'tags', in: 'query', explode: false, schema: { type: 'array', items: { type: 'string' } } },
          { name: 'where', in: 'query', content: { 'application/json': { schema: { type: 'object' } } } },
        ],
        responses: {
          '200': {
            description: 'ok',
            content: { 'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/Pet' } } } },
          },
        },
      },
      post: {
        operationId: 'createPet',
        tags: ['pets', 'write'],
        summary: 'Adds a pet.',
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } },
        },
        responses: {
          '201': {
            description: 'made',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } },
          },
        },
      },
    },
    '/pets/{petId}': {
      parameters: [
        { name: 'petId', in: 'path', required: true, schema: { type: 'string' } },
        { name: 'X-Trace', in: 'header', schema: { type: 'string' } },
        { name: 'session', in: 'cookie', schema: { type: 'string' } },
      ],
      get: { operationId: 'pets/get', tags: ['pets'], responses: { '200': { description: 'ok' } } },
      delete: { deprecated: true, tags: ['write'], responses: { '204': { description: 'gone' } } },
    },
    '/health': { get: { operationId: 'health', security: [], responses: { '200': { description: 'ok' } } } },
  },
  components: {
    securitySchemes: {
      key: { type: 'apiKey', in: 'header', name: 'X-Key' },
      login: { type: 'http', scheme: 'basic' },
    },
    schemas: {
      Pet: {
        type: 'object',
        required: ['id', 'name'],
        properties: {
          id: { type: 'integer', readOnly: true },
          name: { type: 'string', example: 'Rex' },
          parent: { $ref: '#/components/schemas/Pet' },
        },
      },
    },
  },
});

/** The same idea in OpenAPI 3.0, in YAML. */
export const books = (server: string) => `
openapi: 3.0.3
info: { title: Books, version: "1" }
servers:
  - url: "${server}/{version}"
    variables: { version: { default: v2 } }
paths:
  /books/{id}:
    put:
      operationId: replaceBook
      parameters:
        - { name: id, in: path, required: true, schema: { type: integer } }
        - { name: id, in: query, schema: { type: string } }
      requestBody:
        required: true
        content:
          application/json:
            schema:
              allOf:
                - { type: object, required: [title], properties: { title: { type: string } } }
                - { type: object, properties: { isbn: { type: string, nullable: true }, price: { type: number, minimum: 0, exclusiveMinimum: true } } }
      responses:
        "200": { description: ok }
  /books/{id}/notes:
    post:
      operationId: addNote
      parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: { type: object, properties: { id: { type: integer }, text: { type: string } } }
      responses: { "200": { description: ok } }
  /import:
    post:
      operationId: importBooks
      requestBody: { required: true, content: { application/json: { schema: { type: array, items: { type: string } } } } }
      responses: { "200": { description: ok } }
`;

/** The same idea in Swagger 2.0. */
export const orders = (server: string) => ({
  swagger: '2.0',
  info: { title: 'Orders', version: '1' },
  host: server.slice('http://'.length),
  basePath: '/api',
  schemes: ['http'],
  consumes: ['application/json'],
  produces: ['application/json'],
  securityDefinitions: { basic: { type: 'basic' } },
  security: [{ basic: [] }],
  parameters: { Body: { name: 'order', in: 'body', required: true, schema: { $ref: '#/definitions/Order' } } },
  paths: {
    '/orders': {
      get: {
        operationId: 'listOrders',
        parameters: [
          { name: 'state', in: 'query', type: 'array', items: { type: 'string' }, collectionFormat: 'multi' },
        ],
        responses: { '200': { description: 'ok', schema: { type: 'array', items: { $ref: '#/definitions/Order' } } } },
      },
      post: {
        operationId: 'placeOrder',
        parameters: [{ $ref: '#/parameters/Body' }],
        responses: { '200': { description: 'ok' } },
      },
    },
    '/login': {
      post: {
        operationId: 'logIn',
        consumes: ['application/x-www-form-urlencoded'],
        parameters: [{ name: 'user', in: 'formData', type: 'string', required: true }],
        responses: { '200': { description: 'ok' } },
      },
    },
  },
  definitions: {
    Order: { type: 'object', required: ['item'], properties: { item: { type: 'string' }, count: { type: 'integer' } } },
  },
});
