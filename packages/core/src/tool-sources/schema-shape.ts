import type { JsonSchema } from './tool.ts';

/** What an object schema says about its keys, with `$ref`, `allOf`, `anyOf` and `oneOf` at its top followed. */
export interface ObjectShape {
  /** In the schema's order. */
  properties: Map<string, JsonSchema>;
  required: Set<string>;
  /** Keys outside `properties` are welcome. */
  open: boolean;
  /** The schema of those other keys, when there is one. */
  additional: JsonSchema | undefined;
}

/**
 * The keys of an object schema; undefined when the schema describes something else.
 *
 * Other keys are welcome when the schema says so, or says nothing about keys at all. JSON Schema would also allow them
 * when `additionalProperties` is merely absent; there a wrong name is far more likely than an undeclared argument.
 */
export function objectShape(schema: unknown, root: unknown = schema): ObjectShape | undefined {
  const found = shapeOf(schema, root, new Map());
  if (found === undefined) return undefined;
  const { properties, required, keys, additional } = found;
  return { properties, required, open: keys !== 'closed', additional };
}

/** Follows local `$ref`s (`#`, `#/$defs/Name`) to the schema they name; undefined when that fails or never ends. */
export function resolveSchema(schema: unknown, root: unknown): JsonSchema | undefined {
  const seen = new Set<unknown>();
  let current = schema;
  while (isSchema(current)) {
    const ref = current.$ref;
    if (typeof ref !== 'string') return current;
    if (seen.has(current)) return undefined;
    seen.add(current);
    current = followRef(ref, root);
  }
  return current === true ? {} : undefined;
}

/** Whether a value may be null under the schema. A schema that cannot be read counts as accepting it. */
export function allowsNull(schema: unknown, root: unknown, seen = new Set<unknown>()): boolean {
  const resolved = resolveSchema(schema, root);
  if (resolved === undefined || seen.has(resolved) || resolved.nullable === true) return true;
  seen.add(resolved);
  const type = resolved.type;
  if (type !== undefined && !listOf(type).includes('null')) return false;
  if (Array.isArray(resolved.enum) && !resolved.enum.includes(null)) return false;
  if (Object.hasOwn(resolved, 'const') && resolved.const !== null) return false;
  const accepts = (branch: unknown) => allowsNull(branch, root, seen);
  if (Array.isArray(resolved.allOf) && !resolved.allOf.every(accepts)) return false;
  return [resolved.anyOf, resolved.oneOf].every((union) => !Array.isArray(union) || union.some(accepts));
}

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Shape {
  properties: Map<string, JsonSchema>;
  required: Set<string>;
  keys: 'open' | 'closed' | 'silent';
  additional: JsonSchema | undefined;
}

const objectKeywords = ['properties', 'required', 'additionalProperties', 'patternProperties'];
const unionKeywords = ['anyOf', 'oneOf'];

/** `known` ends cycles, and keeps definitions that use each other twice from costing exponential time. */
function shapeOf(schema: unknown, root: unknown, known: Map<unknown, Shape | undefined>): Shape | undefined {
  const resolved = resolveSchema(schema, root);
  if (resolved === undefined || known.has(resolved)) return known.get(resolved);
  known.set(resolved, undefined);
  const shape = composeShape(resolved, root, known);
  known.set(resolved, shape);
  return shape;
}

function composeShape(resolved: JsonSchema, root: unknown, known: Map<unknown, Shape | undefined>): Shape | undefined {
  const type = resolved.type;
  if (type !== undefined && !listOf(type).includes('object')) return undefined;
  const parts = listOf(resolved.allOf ?? []).map((part) => shapeOf(part, root, known));
  const unions = unionKeywords
    .map((keyword) => listOf(resolved[keyword] ?? []).map((branch) => shapeOf(branch, root, known)))
    .filter((union) => union.length > 0);

  const saysObject = type !== undefined || objectKeywords.some((keyword) => Object.hasOwn(resolved, keyword));
  const composedObject = parts.some((part) => part) || unions.some((union) => union.every((branch) => branch));
  // A schema without any constraint takes everything, objects included.
  const takesAnything = parts.length === 0 && unions.length === 0 && !saysOtherType(resolved);
  if (!saysObject && !composedObject && !takesAnything) return undefined;

  const shape = ownShape(resolved);
  for (const part of parts) if (part) merge(shape, part);
  for (const union of unions) merge(shape, unite(union));
  return shape;
}

function ownShape(schema: JsonSchema): Shape {
  const properties = new Map<string, JsonSchema>();
  const declared = schema.properties;
  if (isSchema(declared)) {
    for (const [name, property] of Object.entries(declared)) properties.set(name, isSchema(property) ? property : {});
  }
  const required = new Set(listOf(schema.required ?? []).filter((name) => typeof name === 'string'));
  const others = [schema.additionalProperties, schema.unevaluatedProperties].filter((other) => other !== undefined);
  const patterns = schema.patternProperties;
  const welcome = others.some((other) => other === true || (isSchema(other) && !isNever(other)));
  const matched = isSchema(patterns) && Object.keys(patterns).length > 0;
  const keys = welcome || matched ? 'open' : others.length > 0 || isSchema(declared) ? 'closed' : 'silent';
  const additional = matched
    ? undefined
    : others.find((other): other is JsonSchema => isSchema(other) && !isNever(other));
  return { properties, required, keys, additional };
}

/** Both hold: `allOf`. */
function merge(target: Shape, part: Shape): void {
  for (const [name, property] of part.properties) {
    const existing = target.properties.get(name);
    target.properties.set(name, existing === undefined ? property : { allOf: [existing, property] });
  }
  for (const name of part.required) target.required.add(name);
  if (part.keys === 'open' || target.keys === 'silent') target.keys = part.keys;
  target.additional ??= part.additional;
}

/** One of them holds: the keys of all, required where every alternative requires it. */
function unite(alternatives: (Shape | undefined)[]): Shape {
  const shapes = alternatives.filter((shape) => shape !== undefined);
  const variants = new Map<string, JsonSchema[]>();
  for (const { properties } of shapes) {
    for (const [name, property] of properties) variants.set(name, [...(variants.get(name) ?? []), property]);
  }
  const properties = new Map(
    [...variants].map(([name, [only, ...others]]) => [
      name,
      only && others.length === 0 ? only : { anyOf: [only, ...others] },
    ]),
  );
  const [first, ...others] = alternatives;
  const required = [...(first?.required ?? [])].filter((name) => others.every((shape) => shape?.required.has(name)));
  const keys = ['open', 'closed'] as const;
  return {
    properties,
    required: new Set(required),
    keys: keys.find((state) => shapes.some((shape) => shape.keys === state)) ?? 'silent',
    additional: undefined,
  };
}

function saysOtherType(schema: JsonSchema): boolean {
  return ['enum', 'const', 'items', 'prefixItems', 'not', 'pattern', 'minimum', 'maximum'].some((keyword) =>
    Object.hasOwn(schema, keyword),
  );
}

/** How some libraries write `false`. */
function isNever(schema: JsonSchema): boolean {
  const { not } = schema;
  return isSchema(not) && Object.keys(not).length === 0;
}

function followRef(ref: string, root: unknown): unknown {
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return findAnchor(ref, root);
  let current: unknown = root;
  for (const part of ref.slice(2).split('/')) {
    const key = decodeURIComponentSafe(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

/** `#Name`, or the `$id` of a definition. */
function findAnchor(ref: string, root: unknown): unknown {
  if (!isSchema(root)) return undefined;
  const definitions = [root.$defs, root.definitions].filter(isSchema).flatMap((defs) => Object.values(defs));
  return definitions.filter(isSchema).find((schema) => schema.$id === ref || `#${String(schema.$anchor)}` === ref);
}

function decodeURIComponentSafe(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}
