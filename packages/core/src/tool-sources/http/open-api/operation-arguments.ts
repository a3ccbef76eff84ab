import { isSchema } from '../../schema-shape.ts';
import type { JsonSchema } from '../../tool.ts';
import type { Connection } from '../connection.ts';
import { type Endpoint, type ParameterStyle, pathNames } from '../endpoint.ts';
import { ArgumentList } from './argument-list.ts';
import type { DocumentSchemas } from './document-schemas.ts';
import { addBody, isJson } from './operation-body.ts';
import { OperationError } from './operation-error.ts';
import type { Operation } from './select-operations.ts';

/**
 * The arguments of an operation as one flat object: its parameters under their names, and the keys of its body beside
 * them. Two parameters with one name: the second gets `_query`, `_header` or `_cookie`. A key of the body that clashes,
 * or a body that is no object with known keys: the whole body is the argument `body`.
 * @throws OperationError for what cannot be sent
 */
export function operationArguments(
  operation: Operation,
  connection: Connection,
  schemas: DocumentSchemas,
): Pick<Endpoint, 'parameters' | 'inputSchema' | 'body' | 'alwaysBody'> {
  const list = new ArgumentList();
  const uses = new Set<string>();
  const { parameters, content } = declaredParameters(operation, schemas);
  for (const parameter of parameters) {
    if (!isSetByHost(parameter, connection)) addParameter(list, parameter, schemas, uses);
  }
  const { format, required } = addBody(list, { method: operation.method, given: content }, schemas, uses);
  return {
    parameters: list.parameters,
    inputSchema: { ...list.schema(), ...schemas.definitions(uses) },
    body: format,
    alwaysBody: required,
  };
}

/** The operation's parameters before those of its path; Swagger's shared body parameters become the body. */
function declaredParameters(
  { path, item, operation }: Operation,
  schemas: DocumentSchemas,
): { parameters: JsonSchema[]; content: unknown } {
  const found = new Map<string, JsonSchema>();
  let content = operation.requestBody;
  for (const given of [...listOf(operation.parameters), ...listOf(item.parameters)]) {
    const parameter = schemas.resolve(given);
    if (parameter.in === undefined && parameter.content !== undefined) {
      content ??= parameter;
      continue;
    }
    const key = `${parameter.in} ${parameter.name}`;
    if (!found.has(key)) found.set(key, parameter);
  }
  const inPath = new Set(pathNames(path));
  for (const { in: place, name } of found.values()) {
    if (place === 'path' && !inPath.delete(String(name))) {
      throw new OperationError(`its parameter '${name}' is not in the path`);
    }
  }
  const undeclared = [...inPath].map((name) => ({ name, in: 'path', schema: { type: 'string' } }));
  return { parameters: [...undeclared, ...found.values()], content };
}

/** OpenAPI itself gives these headers no meaning as parameters. */
const ownHeaders = new Set(['accept', 'content-type', 'authorization']);

function isSetByHost({ in: place, name }: JsonSchema, { headers, baseUrl }: Connection): boolean {
  const text = String(name);
  if (place === 'header') return ownHeaders.has(text.toLowerCase()) || headers.has(text);
  if (place === 'query') return baseUrl.searchParams.has(text);
  const cookies = headers.get('cookie')?.split('; ') ?? [];
  return place === 'cookie' && cookies.some((cookie) => cookie.startsWith(`${text}=`));
}

function addParameter(list: ArgumentList, parameter: JsonSchema, schemas: DocumentSchemas, uses: Set<string>): void {
  const { in: place, description, required } = parameter;
  const name = String(parameter.name);
  if (place !== 'path' && place !== 'query' && place !== 'header' && place !== 'cookie') {
    throw new OperationError(`its parameter '${name}' is in '${place}', which is not known`);
  }
  const argument = list.has(name) ? `${name}_${place}` : name;
  if (list.has(argument)) throw new OperationError(`two of its parameters are named '${name}'`);
  const [type, media] = isSchema(parameter.content) ? (Object.entries(parameter.content)[0] ?? []) : [];
  if (type !== undefined && !isJson(type)) throw new OperationError(`its parameter '${name}' is written as ${type}`);
  const style = type === undefined ? styleOf(place, name, parameter.style) : 'json';
  const schema = schemas.localize(isSchema(media) ? media.schema : parameter.schema, uses);
  list.add(
    {
      argument,
      name,
      in: place,
      style,
      explode: typeof parameter.explode === 'boolean' ? parameter.explode : style === 'form',
    },
    typeof description === 'string' ? { ...schema, description } : schema,
    place === 'path' || required === true,
  );
}

const styles: Record<'path' | 'query' | 'header' | 'cookie', ParameterStyle[]> = {
  path: ['simple'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
};

function styleOf(place: keyof typeof styles, name: string, given: unknown): ParameterStyle {
  const style = styles[place].find((known) => given === undefined || known === given);
  if (style === undefined)
    throw new OperationError(`its parameter '${name}' has the style '${given}', which is not known`);
  return style;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
