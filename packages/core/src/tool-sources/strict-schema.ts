import type { JsonSchema } from './tool.ts';

/**
 * A schema as models' strict modes have it requires every property: what may be left out is what may be null. This is the
 * schema as it was meant, and the nulls to fill in for what was left out.
 */
export function fromStrictSchema(strict: JsonSchema): { schema: JsonSchema; nulls: Record<string, null> } {
  const { properties = {}, required = [] } = strict as { properties?: Record<string, unknown>; required?: string[] };
  const optional = required.filter((key) => isNullable(properties[key]));
  return {
    schema: { ...strict, required: required.filter((key) => !optional.includes(key)) },
    nulls: Object.fromEntries(optional.map((key) => [key, null])),
  };
}

function isNullable(schema: unknown): boolean {
  const { type, anyOf = [] } = Object(schema) as { type?: unknown; anyOf?: unknown[] };
  return [type].flat().includes('null') || anyOf.some(isNullable);
}
