import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import { configFileSchema } from '../../src/config/config-schema.ts';

it('is the schema that is published; `vitest run -u` writes it anew', async () => {
  const text = `${JSON.stringify(configFileSchema(), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot('../../schema/config.schema.json');
});

it('takes what the loader takes, and no unknown key', () => {
  const validate = new Ajv({ strict: false }).compile(configFileSchema());
  const config = {
    base: './store',
    limits: { timeoutMs: 5000 },
    policy: ['ask-writes', { outcome: 'deny', name: 'workflows.delete' }],
  };
  expect([validate(config), validate.errors]).toEqual([true, null]);
  expect(validate({ bas: './store' })).toBe(false);
});
