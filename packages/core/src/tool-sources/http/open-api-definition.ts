import { z } from 'zod';
import { baseUrl, connectionFields, headerValue } from './connection-definition.ts';

/** Chooses operations: those with one of the tags, and those that are named. */
const choice = z.strictObject({
  tags: z.array(z.string().min(1)).default([]),
  operations: z
    .array(z.string().min(1))
    .default([])
    .describe('Operation ids, or `METHOD /path`. `*` stands for anything: `GET *`, `* /pets/*`.'),
});

/** An OpenAPI document whose operations become tools: the form of `type: openapi` in YAML and of `fromOpenApi`. */
export const openApiDefinition = z.strictObject({
  type: z.literal('openapi'),
  name: z.string().min(1).describe('Group of the tools in Python.'),
  document: z
    .union([z.string().min(1), z.record(z.string(), z.unknown())])
    .describe(
      'The document, the path of its file, or its http:// or https:// URL. JSON or YAML; OpenAPI 3 or Swagger 2.0.',
    ),
  base_url: baseUrl().optional().describe("Where requests go. Default: the document's first server."),
  include: choice.optional().describe('Take these operations. Default: all.'),
  exclude: choice.prefault({}).describe('Leave these out, whatever `include` takes.'),
  auth: z
    .record(z.string().min(1), headerValue())
    .default({})
    .describe('Credentials by the name of the security scheme. Basic: `user:password`. Python never sees them.'),
  ...connectionFields,
});

/** A checked definition, with its defaults. */
export type OpenApiDefinition = z.output<typeof openApiDefinition>;
