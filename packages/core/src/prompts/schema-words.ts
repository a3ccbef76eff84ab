import { isSchema, resolveSchema } from '../tool-sources/schema-shape.ts';
import type { JsonSchema } from '../tool-sources/tool.ts';
import { pythonLiteral, shortPythonLiteral } from './python-literal.ts';

/** What a schema expects, in a few words: `integer >= 1`, `"C" or "F"`, `list of string`. */
export function schemaWords(schema: unknown, root: unknown = schema, depth = 0): string {
  const resolved = resolveSchema(schema, root);
  if (resolved === undefined || depth > 3) return 'value';
  if (Object.hasOwn(resolved, 'const')) return shortPythonLiteral(resolved.const);
  if (Array.isArray(resolved.enum)) return oneOf(resolved.enum);
  const unions = [resolved.anyOf, resolved.oneOf].find(Array.isArray) as unknown[] | undefined;
  const type = resolved.type;
  if (unions !== undefined && type === undefined) {
    return joinWords([...new Set(unions.map((branch) => schemaWords(branch, root, depth + 1)))]);
  }
  if (Array.isArray(type))
    return joinWords(type.map((one) => schemaWords({ ...resolved, type: one }, root, depth + 1)));
  if (type === 'array' && isSchema(resolved.items)) {
    return withBounds(`list of ${schemaWords(resolved.items, root, depth + 1)}`, resolved);
  }
  return withBounds(nouns[String(type)] ?? 'value', resolved);
}

/** Bounds and format of a schema that its Python type does not show: `1 to 14`, `format date-time`, `at most 5 items`. */
export function schemaBounds(schema: JsonSchema): string[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const low = isBound(minimum) ? minimum : undefined;
  const high = isBound(maximum) ? maximum : undefined;
  return [
    ...span(low, high),
    ...(isBound(exclusiveMinimum) ? [`> ${exclusiveMinimum}`] : []),
    ...(isBound(exclusiveMaximum) ? [`< ${exclusiveMaximum}`] : []),
    ...(isBound(multipleOf) ? [`multiple of ${multipleOf}`] : []),
    ...counted(schema.minLength, schema.maxLength, 'character'),
    ...counted(schema.minItems, schema.maxItems, 'item'),
    ...formatWords(schema),
  ];
}

const notEmpty = 'not empty';

const nouns: Record<string, string> = {
  string: 'string',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
  null: 'None',
  array: 'list',
  object: 'dict',
};

function withBounds(noun: string, schema: JsonSchema): string {
  const bounds = schemaBounds(schema);
  const text = bounds
    .filter((bound) => bound !== notEmpty)
    .map((bound) => {
      if (/^(?:[\d-]|at )/u.test(bound)) return `of ${bound}`;
      if (bound.startsWith('pattern ')) return `matching ${bound.slice('pattern '.length)}`;
      return bound.startsWith('format ') ? `in ${bound.slice('format '.length)} format` : bound;
    });
  return [bounds.includes(notEmpty) ? `non-empty ${noun}` : noun, ...text].join(' ');
}

function oneOf(values: unknown[]): string {
  const shown = values.slice(0, 8).map((value) => shortPythonLiteral(value, 40));
  return values.length > shown.length
    ? `one of ${shown.join(', ')} and ${values.length - shown.length} more`
    : joinWords(shown);
}

function joinWords(words: string[]): string {
  return words.length < 2 ? (words[0] ?? 'value') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function span(low: number | undefined, high: number | undefined): string[] {
  if (low !== undefined && high !== undefined) return [`${low} to ${high}`];
  if (low !== undefined) return [`>= ${low}`];
  return high === undefined ? [] : [`<= ${high}`];
}

function counted(low: unknown, high: unknown, noun: string): string[] {
  const from = typeof low === 'number' && low > 0 ? low : undefined;
  const to = typeof high === 'number' ? high : undefined;
  const unit = (count: number) => `${count} ${noun}${count === 1 ? '' : 's'}`;
  if (from !== undefined && to !== undefined) return [from === to ? unit(from) : `${from} to ${unit(to)}`];
  if (from !== undefined) return [from === 1 ? notEmpty : `at least ${unit(from)}`];
  return to === undefined ? [] : [`at most ${unit(to)}`];
}

/** A format says more than the pattern that some libraries write beside it. */
function formatWords({ format, pattern }: JsonSchema): string[] {
  if (typeof format === 'string' && /^[\w-]{1,30}$/u.test(format)) return [`format ${format}`];
  return typeof pattern === 'string' && pattern.length <= 40 ? [`pattern ${pythonLiteral(pattern)}`] : [];
}

/** Libraries write the limits of JavaScript's integers as bounds; they say nothing. */
function isBound(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER;
}
