import { pythonParameter } from '../../python-names.ts';
import { isSchema } from '../../schema-shape.ts';
import type { JsonSchema } from '../../tool.ts';
import type { Connection } from '../connection.ts';
import { type Endpoint, type EndpointParameter, type ParameterStyle, pathNames } from '../endpoint.ts';
import type { DocumentSchemas } from './document-schemas.ts';
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
  const { format, required } = addBody(list, content, schemas, uses);
  return {
    parameters: list.parameters,
    inputSchema: { ...list.schema(), ...schemas.definitions(uses) },
    body: format,
    alwaysBody: required,
  };
}

class ArgumentList {
  readonly parameters: EndpointParameter[] = [];
  readonly #properties: [string, JsonSchema][] = [];
  readonly #required: string[] = [];
  readonly #spelled = new Set<string>();

  has(name: string): boolean {
    return this.#spelled.has(pythonParameter(name));
  }

  add(parameter: EndpointParameter, schema: JsonSchema, isRequired: boolean): void {
    this.#spelled.add(pythonParameter(parameter.argument));
    this.parameters.push(parameter);
    this.#properties.push([parameter.argument, schema]);
    if (isRequired) this.#required.push(parameter.argument);
  }

  schema(): JsonSchema {
    return {
      type: 'object',
      properties: Object.fromEntries(this.#properties),
      required: this.#required,
      additionalProperties: false,
    };
  }
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

function addBody(
  list: ArgumentList,
  given: unknown,
  schemas: DocumentSchemas,
  uses: Set<string>,
): { format: Endpoint['body']; required: boolean } {
  if (given === undefined) return { format: 'json', required: false };
  const body = schemas.resolve(given);
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
  const keys = bodyKeys(list, schema, schemas);
  if (keys === undefined) {
    const argument = list.has('body') ? 'request_body' : 'body';
    const described = schemas.localize(schema, uses);
    const { description } = body;
    list.add(
      { argument, name: argument, in: 'whole-body', style: 'json', explode: false },
      typeof description === 'string' ? { description, ...described } : described,
      required,
    );
    return { format, required: false };
  }
  for (const { name, property, isRequired } of keys) {
    list.add(
      { argument: name, name, in: 'body', style: 'json', explode: false },
      schemas.localize(property, uses),
      required && isRequired,
    );
  }
  return { format, required };
}

/** The keys of a body that can stand beside the parameters; undefined when it must be passed as a whole. */
function bodyKeys(
  list: ArgumentList,
  schema: unknown,
  schemas: DocumentSchemas,
): { name: string; property: JsonSchema; isRequired: boolean }[] | undefined {
  const resolved = schemas.resolve(schema ?? {});
  if (['anyOf', 'oneOf', 'not', 'if'].some((keyword) => Object.hasOwn(resolved, keyword))) return undefined;
  if (Array.isArray(resolved.type)) return undefined;
  const shape = schemas.shape(resolved);
  if (shape === undefined || shape.open || shape.properties.size === 0) return undefined;
  const keys = [...shape.properties]
    // The server sets those.
    .filter(([, property]) => schemas.resolve(property).readOnly !== true)
    .map(([name, property]) => ({ name, property, isRequired: shape.required.has(name) }));
  const spelled = new Set(keys.map(({ name }) => pythonParameter(name)));
  return spelled.size < keys.length || keys.some(({ name }) => list.has(name)) ? undefined : keys;
}

function isJson(type: string): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/iu.test(type);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
