import { schemaWords } from '../../prompts/schema-words.ts';
import { allowsNull, isSchema, objectShape, resolveSchema } from '../../tool-sources/schema-shape.ts';
import type { JsonSchema, Tool, ValidationIssue } from '../../tool-sources/tool.ts';
import { formatArgumentError, validateArguments, withArticle } from '../../tool-sources/validate-arguments.ts';
import { CallFailure } from '../call-failure.ts';
import type { Workflow } from './workflow.ts';

type CheckedWorkflow = Pick<Workflow, 'name' | 'description' | 'inputSchema'>;

/** The arguments of a call. They stay in Python; the host sees what it can check. */
export interface GivenArguments {
  plain: Record<string, unknown>;
  /** Names of arguments that are no JSON data, or much of it, and their Python types. */
  opaque: Record<string, string>;
}

/**
 * Checks arguments against the workflow's schema, as those of tools are.
 * @returns the names of arguments that count as not given: None where None is not allowed
 * @throws CallFailure `arguments`
 */
export async function checkArguments(workflow: Workflow, { plain, opaque }: GivenArguments): Promise<string[]> {
  const { inputSchema } = workflow;
  const tool = {
    ...workflow,
    inputSchema: withoutOpaque(inputSchema, opaque),
    annotations: {},
    execute: () => {},
  } satisfies Tool;
  const placeholders = Object.fromEntries(Object.keys(opaque).map((name) => [name, true]));
  const checked = await validateArguments(tool, { ...jsonNumbers(plain), ...placeholders });
  const issues = [...(checked.ok ? [] : checked.issues), ...opaqueIssues(inputSchema, opaque)];
  if (issues.length > 0)
    throw new CallFailure('arguments', formatArgumentError(`workflows.${workflow.name}`, issues), { issues });
  const shape = objectShape(inputSchema);
  return Object.keys(plain).filter((name) => {
    const property = shape?.properties.get(name);
    return (
      plain[name] === null && property !== undefined && !shape?.required.has(name) && !allowsNull(property, inputSchema)
    );
  });
}

/**
 * Checks the names of arguments alone, before there are values.
 * @param complete whether these are all: else none can be called missing
 * @returns what is wrong, as `checkArguments` would say it
 */
export async function checkNames(
  workflow: CheckedWorkflow,
  names: string[],
  complete: boolean,
): Promise<string | undefined> {
  const schema = withoutOpaque(workflow.inputSchema, Object.fromEntries(names.map((name) => [name, ''])));
  const inputSchema = complete ? schema : { ...schema, required: [] };
  const tool = { ...workflow, inputSchema, annotations: {}, execute: () => {} } satisfies Tool;
  const checked = await validateArguments(tool, Object.fromEntries(names.map((name) => [name, true])));
  return checked.ok ? undefined : formatArgumentError(`workflows.${workflow.name}`, checked.issues);
}

/** What Python types can be, said in JSON Schema's types. */
const jsonTypes: Record<string, string> = {
  str: 'string',
  int: 'integer',
  float: 'number',
  list: 'array',
  tuple: 'array',
  set: 'array',
  frozenset: 'array',
  dict: 'object',
};

function withoutOpaque(schema: JsonSchema, opaque: Record<string, string>): JsonSchema {
  const properties = isSchema(schema.properties) ? { ...schema.properties } : {};
  const names = Object.keys(opaque);
  if (names.length === 0) return schema;
  for (const name of names) if (Object.hasOwn(properties, name)) properties[name] = {};
  const others = names.some((name) => !Object.hasOwn(properties, name)) && isSchema(schema.additionalProperties);
  return { ...schema, properties, ...(others && { additionalProperties: true }) };
}

function opaqueIssues(schema: JsonSchema, opaque: Record<string, string>): ValidationIssue[] {
  const shape = objectShape(schema);
  return Object.entries(opaque).flatMap(([name, type]) => {
    const property = shape?.properties.get(name) ?? shape?.additional;
    if (property === undefined || mayBe(property, type, schema)) return [];
    const article = /^[aeiou]/iu.test(type) ? 'an' : 'a';
    return [
      {
        path: [name],
        expected: '',
        message: `must be ${withArticle(schemaWords(property, schema))}, got ${article} ${type}`,
      },
    ];
  });
}

/** Whether a value of a Python type may be what a schema says, as far as the type tells. */
function mayBe(property: unknown, type: string, root: JsonSchema): boolean {
  if (!isSchema(property)) return true;
  // An object of the class that the hint names.
  if (typeof property.$ref === 'string' && property.$ref.endsWith(`/${type}`)) return true;
  const resolved = resolveSchema(property, root);
  if (resolved === undefined) return true;
  if (Array.isArray(resolved.anyOf)) return resolved.anyOf.some((branch) => mayBe(branch, type, root));
  if (Array.isArray(resolved.enum)) return false;
  if (resolved.type === undefined) return true;
  const types = [resolved.type].flat();
  const json = jsonTypes[type];
  return json !== undefined && (types.includes(json) || (json === 'integer' && types.includes('number')));
}

/** Whole numbers beyond 2**53, NaN and infinities are fine in Python, and only JSON has no numbers for them. */
function jsonNumbers<T>(value: T): T {
  if (typeof value === 'bigint') return (2 ** 53) as T;
  if (typeof value === 'number') return (Number.isFinite(value) ? value : 0.5) as T;
  if (Array.isArray(value)) return value.map(jsonNumbers) as T;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonNumbers(item)])) as T;
}
