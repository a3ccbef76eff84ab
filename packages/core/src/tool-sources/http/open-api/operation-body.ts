import { pythonParameter } from '../../python-names.ts';
import { isSchema, objectShape } from '../../schema-shape.ts';
import type { JsonSchema } from '../../tool.ts';
import type { Endpoint } from '../endpoint.ts';
import type { ArgumentList } from './argument-list.ts';
import type { DocumentSchemas } from './document-schemas.ts';
import { OperationError } from './operation-error.ts';

/**
 * Adds the body of an operation to its arguments: its keys, or the whole where that cannot be.
 * @returns how the body is written, and whether it is sent when no argument is part of it
 * @throws OperationError for a body that cannot be sent
 */
export function addBody(
  list: ArgumentList,
  { method, given }: { method: string; given: unknown },
  schemas: DocumentSchemas,
  uses: Set<string>,
): { format: Endpoint['body']; required: boolean } {
  const body = schemas.resolve(given ?? {});
  const isBodiless = method === 'GET' || method === 'HEAD';
  if (isBodiless && body.required === true) throw new OperationError(`a ${method} request has no body`);
  if (given === undefined || isBodiless) return { format: 'json', required: false };
  const content = isSchema(body.content) ? body.content : {};
  const json = Object.keys(content).find(isJson);
  const type = json ?? Object.keys(content).find((key) => key.startsWith('application/x-www-form-urlencoded'));
  if (type === undefined) {
    const types = Object.keys(content).join(', ') || 'of no type';
    throw new OperationError(`its body is ${types}; JSON and application/x-www-form-urlencoded can be sent`);
  }
  const media = content[type];
  const schema = isSchema(media) ? media.schema : undefined;
  const required = body.required === true;
  const format = json === undefined ? 'form' : 'json';
  const keys = bodyKeys(list, schema ?? {}, schemas, uses);
  if (keys === undefined) {
    const argument = list.has('body') ? 'request_body' : 'body';
    const { description } = body;
    const described = typeof description === 'string' ? { description } : {};
    list.add(
      { argument, name: argument, in: 'whole-body', style: 'json', explode: false },
      { ...described, ...schemas.localize(schema, uses) },
      required,
    );
    return { format, required: false };
  }
  // Swagger 2.0 says of the fields of a form that they are required, and nothing of the form.
  const isNeeded = required || (format === 'form' && keys.some(({ isRequired }) => isRequired));
  for (const { name, property, isRequired } of keys) {
    list.add({ argument: name, name, in: 'body', style: 'json', explode: false }, property, isNeeded && isRequired);
  }
  return { format, required: isNeeded };
}

/** The keys of a body that can stand beside the parameters; undefined when it must be passed as a whole. */
function bodyKeys(
  list: ArgumentList,
  schema: unknown,
  schemas: DocumentSchemas,
  uses: Set<string>,
): { name: string; property: JsonSchema; isRequired: boolean }[] | undefined {
  const resolved = schemas.resolve(schema);
  if (['anyOf', 'oneOf', 'not', 'if'].some((keyword) => Object.hasOwn(resolved, keyword))) return undefined;
  if (Array.isArray(resolved.type)) return undefined;
  const used = new Set<string>();
  const local = schemas.localize(resolved, used);
  const shape = objectShape({ ...local, ...schemas.definitions(used) });
  if (shape === undefined || shape.open || shape.properties.size === 0) return undefined;
  const keys = [...shape.properties];
  const spelled = new Set(keys.map(([name]) => pythonParameter(name)));
  if (spelled.size < keys.length || keys.some(([name]) => list.has(name))) return undefined;
  for (const ref of used) uses.add(ref);
  return keys.map(([name, property]) => ({ name, property, isRequired: shape.required.has(name) }));
}

export function isJson(type: string): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/iu.test(type);
}
