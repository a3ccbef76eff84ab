import { z } from 'zod';
import type { JsonSchema } from '../tool.ts';
import { definitionTypes } from './definition-types.ts';

/** The JSON Schema of tool files, for editors. `schema/tool-file.schema.json` is this; its test writes it anew with `-u`. */
export async function toolFileSchema(): Promise<JsonSchema> {
  const types = await Promise.all(
    Object.entries(definitionTypes).map(async ([type, load]) => ({
      type,
      schema: definitionSchema((await load()).schema),
    })),
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Tool file of code-mode',
    type: 'object',
    required: ['name'],
    properties: { type: { enum: types.map(({ type }) => type), default: DEFAULT_TYPE } },
    allOf: types.map(({ type, schema }) => {
      const condition = { properties: { type: { const: type } }, ...(type !== DEFAULT_TYPE && { required: ['type'] }) };
      // An object literal with the key `then` looks like a promise.
      return Object.fromEntries([
        ['if', condition],
        ['then', schema],
      ]);
    }),
  };
}

const DEFAULT_TYPE = 'cli';

function definitionSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...document } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  const tags = { type: 'array', items: { type: 'string' }, description: 'For the `tags` option of fromYaml.' };
  return { ...document, properties: { ...document.properties, tags } };
}
