import { expect, it } from 'vitest';
import { fromStrictSchema } from '../../src/tool-sources/strict-schema.ts';

it('takes what may be null for what may be left out', () => {
  const properties = {
    query: { type: 'string' },
    limit: { type: ['number', 'null'] },
    lang: { anyOf: [{ type: 'string' }, { anyOf: [{ type: 'null' }] }] },
  };
  const strict = { type: 'object', properties, required: ['query', 'limit', 'lang'], additionalProperties: false };
  expect(fromStrictSchema(strict)).toEqual({
    schema: { ...strict, required: ['query'] },
    nulls: { limit: null, lang: null },
  });
});

it('leaves a schema alone that requires nothing', () => {
  expect(fromStrictSchema({ type: 'object' })).toEqual({ schema: { type: 'object', required: [] }, nulls: {} });
});
