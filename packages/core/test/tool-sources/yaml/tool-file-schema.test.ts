import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { toolFileSchema } from '../../../src/tool-sources/yaml/tool-file-schema.ts';

const fixtures = join(import.meta.dirname, '../fixtures/tools');

it('is the one that is published; `vitest run -u` writes it anew', async () => {
  const text = `${JSON.stringify(await toolFileSchema(), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot('../../../schema/tool-file.schema.json');
});

it.each(readdirSync(fixtures))('takes %s', async (name) => {
  const validate = validator(await toolFileSchema());
  validate(parse(readFileSync(join(fixtures, name), 'utf8')));
  expect(validate.errors).toBeNull();
});

it.each([
  [{}, ["must have required property 'name'"]],
  [{ name: 'x', type: 'clii' }, ['must be equal to one of the allowed values']],
  [{ name: 'x', timout: 5, recipes: { run: {} } }, ['must NOT have additional properties']],
  [{ name: 'x', recipes: { run: {} }, tags: ['a'] }, []],
])('%j: %j', async (file, messages) => {
  const validate = validator(await toolFileSchema());
  validate(file);
  const found = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if').map(({ message }) => message);
  expect([...new Set(found)]).toEqual(messages);
});

function validator(schema: object) {
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  return ajv.compile(schema);
}
