import { z } from 'zod';
import { baseUrl, connectionFields, headerValue } from './connection-definition.ts';

const parameterDefinition = z
  .looseObject({
    in: z
      .enum(['path', 'query', 'header', 'body'])
      .optional()
      .describe('Default: path when the path names it, else query for GET, HEAD, OPTIONS and DELETE, else body.'),
    required: z
      .union([z.boolean(), z.array(z.string())])
      .optional()
      .describe('Default: true in the path, else false.'),
    style: z
      .enum(['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'])
      .optional()
      .describe("How lists and objects stand in the query, with OpenAPI's meanings. Default: form."),
    explode: z.boolean().optional().describe('Whether each item of a list is a parameter of its own. Default: true.'),
  })
  .describe('A JSON Schema, and where the argument goes. A `default` is sent when Python gives no value.');

const endpointDefinition = z.strictObject({
  name: z.string().min(1).describe('Python calls it `tools.<name of the definition>.<this name>`.'),
  method: z.enum(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
  path: z
    .string()
    .regex(/^\/[^?#]*$/u, 'must start with / and have no ? and no # (declare parameters instead)')
    .describe('Appended to base_url. `{id}` is the argument `id`, percent-encoded.'),
  description: z.string().default('').describe('For the model: what it does and returns.'),
  parameters: z.record(z.string().min(1), parameterDefinition).default({}),
  body: z.enum(['json', 'form']).default('json').describe('How the parameters of the body are sent.'),
  response: z
    .enum(['json', 'text', 'bytes'])
    .optional()
    .describe('What Python gets. Default: by the content type of the response.'),
  output: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('JSON Schema of the result, so that the model sees its type.'),
  headers: z.record(z.string().min(1), headerValue()).default({}).describe('Further headers, or other values.'),
  timeout: connectionFields.timeout.unwrap().optional().describe('Seconds, instead of those of the definition.'),
  annotations: z
    .strictObject({
      readOnly: z.boolean().exactOptional(),
      destructive: z.boolean().exactOptional(),
      idempotent: z.boolean().exactOptional(),
      openWorld: z.boolean().exactOptional(),
    })
    .default({})
    .describe('Default: by the method.'),
});

/** A server and the requests that become tools: the form of `type: http` in YAML and of `fromHttp`. */
export const httpToolsDefinition = z.strictObject({
  type: z.literal('http'),
  name: z.string().min(1).describe('Group of the tools in Python.'),
  description: z.string().default('').describe('For endpoints that have none of their own.'),
  base_url: baseUrl().describe('E.g. https://api.example.com/v1. Its query is part of every request.'),
  ...connectionFields,
  endpoints: z.array(endpointDefinition).min(1),
});

/** A checked definition, with its defaults. */
export type HttpToolsDefinition = z.output<typeof httpToolsDefinition>;
export type EndpointDefinition = HttpToolsDefinition['endpoints'][number];
export type ParameterDefinition = EndpointDefinition['parameters'][string];
