import type { ErrorObject } from 'ajv';
import { schemaBounds, schemaWords } from '../prompts/schema-words.ts';
import { nearestName } from '../search/nearest-name.ts';
import { isSchema, objectShape, resolveSchema } from './schema-shape.ts';
import type { JsonSchema, ValidationIssue } from './tool.ts';

/**
 * Issues of a validator's errors. In a union every alternative reports its errors; only those that help are kept.
 * @param root the whole schema, for its `$ref`s
 */
export function issuesOf(errors: readonly ErrorObject[], root: JsonSchema): ValidationIssue[] {
  let kept = errors.filter(({ keyword }) => keyword !== 'if');
  for (const union of errors.filter(isUnionError)) kept = withoutNoise(kept, union, root);
  return mergeByPath(kept.map((error) => issueOf(error, root)));
}

function withoutNoise(errors: ErrorObject[], union: ErrorObject, root: JsonSchema): ErrorObject[] {
  const at = union.instancePath;
  const inside = ({ instancePath }: ErrorObject) => instancePath.startsWith(`${at}/`);
  const related = errors.filter((error) => error !== union && (inside(error) || error.instancePath === at));
  const without = (noise: (error: ErrorObject) => boolean) =>
    errors.filter((error) => error !== union && !(related.includes(error) && noise(error)));

  const alternatives = (union.schema as unknown[]).map((branch) => resolveSchema(branch, root));
  const tag = tagOf(alternatives, root);
  if (tag !== undefined && isSchema(union.data)) {
    const value = Object.hasOwn(union.data, tag) ? union.data[tag] : undefined;
    const others = alternatives.filter((branch) => !tagValues(branch, tag, root)?.includes(value));
    if (others.length === alternatives.length) {
      return without((error) => error.instancePath !== `${at}/${tag}` && error.params.missingProperty !== tag);
    }
    const foreign = new Set<unknown>(
      others.flatMap((branch) => [branch, ...(objectShape(branch, root)?.properties.values() ?? [])]),
    );
    return without((error) => foreign.has(error.parentSchema));
  }
  // An error inside the value names what to mend: its alternative has the right type.
  if (related.some((error) => inside(error) && !isUnionError(error))) return without((error) => !inside(error));
  return related.length > 0 ? without(() => false) : errors;
}

/** The key by which the alternatives are told apart: in each it has fixed values. */
function tagOf(alternatives: (JsonSchema | undefined)[], root: JsonSchema): string | undefined {
  const [first] = alternatives;
  const keys = [...(objectShape(first, root)?.properties.keys() ?? [])];
  return keys.find((key) => alternatives.every((branch) => tagValues(branch, key, root) !== undefined));
}

function tagValues(branch: JsonSchema | undefined, key: string, root: JsonSchema): unknown[] | undefined {
  const property = resolveSchema(objectShape(branch, root)?.properties.get(key), root);
  if (property === undefined) return undefined;
  if (Object.hasOwn(property, 'const')) return [property.const];
  return Array.isArray(property.enum) ? property.enum : undefined;
}

function isUnionError({ keyword, schema }: ErrorObject): boolean {
  return (keyword === 'anyOf' || keyword === 'oneOf') && Array.isArray(schema);
}

/** Errors that `must be <what the schema says>` tells. */
const valueKeywords = new Set(
  'type const enum minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength minItems maxItems format anyOf'.split(
    ' ',
  ),
);

function issueOf(error: ErrorObject, root: JsonSchema): ValidationIssue {
  const { keyword, params, data, parentSchema } = error;
  const path = pathOf(error.instancePath);
  const schema = (parentSchema ?? {}) as JsonSchema;
  const properties = isSchema(schema.properties) ? schema.properties : {};
  if (keyword === 'required') {
    const missing = String(params.missingProperty);
    const expected = schemaWords(Object.hasOwn(properties, missing) ? properties[missing] : true, root);
    return { path: [...path, missing], expected, message: 'is missing' };
  }
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const key = String(params.additionalProperty ?? params.unevaluatedProperty);
    const nearest = nearestName(key, Object.keys(properties));
    const advice = nearest === undefined ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
    return { path, expected: '', message: `has the unknown key ${JSON.stringify(key.slice(0, 100))}${advice}` };
  }
  const matches = keyword === 'pattern' && schemaBounds(schema).length === 0;
  if (matches)
    return { path, expected: '', message: `does not match the pattern ${String(schema.pattern).slice(0, 80)}` };
  if (valueKeywords.has(keyword) || keyword === 'pattern' || (keyword === 'oneOf' && !params.passingSchemas)) {
    return { path, expected: schemaWords(schema, root), received: data as ValidationIssue['received'] };
  }
  return { path, expected: '', message: error.message ?? `breaks the rule ${keyword}` };
}

/** Alternatives for one place become one issue: `integer or None`. */
function mergeByPath(issues: ValidationIssue[]): ValidationIssue[] {
  const merged = new Map<string, ValidationIssue>();
  for (const issue of issues) {
    const key = JSON.stringify([issue.path, issue.message]);
    const other = merged.get(key);
    if (other === undefined) merged.set(key, issue);
    else if (issue.message === undefined && !other.expected.split(' or ').includes(issue.expected)) {
      merged.set(key, { ...other, expected: `${other.expected} or ${issue.expected}` });
    }
  }
  return [...merged.values()];
}

/** A JSON pointer's steps; array positions as numbers. */
function pathOf(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/u.test(step) ? Number(step) : step));
}
