import type { z } from 'zod';
import { CodeModeError } from '../../errors.ts';
import { type NamingOptions, named } from '../naming.ts';
import type { JsonSchema, ToolSource } from '../tool.ts';
import { toConnection } from './connection.ts';
import {
  type EndpointDefinition,
  type HttpToolsDefinition,
  httpToolsDefinition,
  type ParameterDefinition,
} from './definition.ts';
import { annotationsOf, type Endpoint, type EndpointParameter, pathNames } from './endpoint.ts';
import { endpointTool } from './endpoint-tool.ts';
import { invalidDefinition, parseDefinition } from './parse-definition.ts';

/** What `fromHttp` takes: the object that `type: http` has in YAML. */
export type FromHttpDefinition = Omit<z.input<typeof httpToolsDefinition>, 'type'> & { type?: 'http' };

/**
 * Tools that make requests to one server, one tool for each endpoint.
 * @throws CodeModeError `invalid_options` naming the place in the definition
 */
export function fromHttp(definition: FromHttpDefinition, options: NamingOptions = {}): ToolSource {
  const checked = parseDefinition(httpToolsDefinition, { ...definition, type: 'http' }, 'HTTP tools');
  const names = new Set<string>();
  const tools = checked.endpoints.map((endpoint, index) => {
    const place = `endpoints[${index}]`;
    if (names.has(endpoint.name)) throw invalid(checked, `${place}.name: another endpoint is named '${endpoint.name}'`);
    names.add(endpoint.name);
    const timeout = endpoint.timeout ?? checked.timeout;
    const connection = toConnection({ ...checked, timeout }, checked.base_url, {
      headers: endpoint.headers,
      query: {},
    });
    const described = toEndpoint(checked, endpoint, place);
    try {
      return endpointTool(described, connection);
    } catch (error) {
      if (!CodeModeError.isInstance(error)) throw error;
      throw invalid(checked, `${place}: ${error.message.replace(/\.$/u, '')}`);
    }
  });
  const offered = named(tools, options);
  return { name: checked.name, tools: () => offered };
}

function toEndpoint(definition: HttpToolsDefinition, endpoint: EndpointDefinition, place: string): Endpoint {
  const { method, path } = endpoint;
  const inPath = new Set(pathNames(path));
  // A name in the path needs no declaration: it is a string.
  const undeclared = [...inPath].map((name): [string, ParameterDefinition] => [name, { type: 'string' }]);
  const declared = { ...Object.fromEntries(undeclared), ...endpoint.parameters };
  const parameters: EndpointParameter[] = [];
  const properties: [string, JsonSchema][] = [];
  const required: string[] = [];
  for (const [name, { in: given, required: isRequired, style, explode, ...schema }] of Object.entries(declared)) {
    const where = given ?? (inPath.has(name) ? 'path' : hasBody(method) ? 'body' : 'query');
    const problem = placeProblem(where, inPath.has(name), method);
    if (problem) throw invalid(definition, `${place}.parameters.${name}: ${problem}`);
    const hasDefault = Object.hasOwn(schema, 'default');
    parameters.push({
      argument: name,
      name,
      in: where,
      style: style ?? (where === 'query' ? 'form' : 'simple'),
      explode: explode ?? where === 'query',
      ...(hasDefault && { default: schema.default }),
    });
    // A list is JSON Schema's own `required`, of an object's keys.
    properties.push([name, Array.isArray(isRequired) ? { ...schema, required: isRequired } : schema]);
    if (isRequired === true || (where === 'path' && !hasDefault)) required.push(name);
  }
  return {
    name: `${definition.name}.${endpoint.name}`,
    description: endpoint.description || definition.description,
    method,
    path,
    parameters,
    inputSchema: { type: 'object', properties: Object.fromEntries(properties), required, additionalProperties: false },
    ...(endpoint.output && { outputSchema: endpoint.output }),
    body: endpoint.body,
    alwaysBody: parameters.some(({ in: where }) => where === 'body'),
    ...(endpoint.response && { response: endpoint.response }),
    annotations: { ...annotationsOf(method), ...endpoint.annotations },
  };
}

function placeProblem(where: EndpointParameter['in'], isInPath: boolean, method: string): string | undefined {
  if (where === 'path' && !isInPath) return 'the path does not name it; write it there in braces';
  if (where !== 'path' && isInPath) return `it is in the path, so 'in' must be path`;
  if (where === 'body' && (method === 'GET' || method === 'HEAD')) return `a ${method} request has no body`;
  return undefined;
}

function hasBody(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH';
}

function invalid(definition: HttpToolsDefinition, problem: string): CodeModeError {
  return invalidDefinition('HTTP tools', definition.name, problem);
}
