import { isSchema } from '../../schema-shape.ts';
import type { JsonSchema } from '../../tool.ts';
import type { Connection } from '../connection.ts';
import { annotationsOf, type Endpoint } from '../endpoint.ts';
import type { DocumentSchemas } from './document-schemas.ts';
import { operationArguments } from './operation-arguments.ts';
import { OperationError } from './operation-error.ts';
import type { Operation } from './select-operations.ts';

/**
 * The request of an operation.
 * @param name of its tool
 * @throws OperationError when it cannot become a tool
 */
export function operationEndpoint(
  name: string,
  operation: Operation,
  connection: Connection,
  schemas: BothSides,
): Endpoint {
  const { method, path } = operation;
  if (method === 'TRACE') throw new OperationError('TRACE would return the headers, secrets included');
  if (/[?#]/u.test(path)) throw new OperationError('its path contains ? or #');
  const { summary, description, deprecated, responses } = operation.operation;
  const texts = [summary, description, deprecated === true ? 'Deprecated.' : ''];
  const outputSchema = outputOf(responses, schemas.response);
  return {
    name,
    description: texts.filter((text) => typeof text === 'string' && text !== '').join('\n\n'),
    method,
    path,
    ...operationArguments(operation, connection, schemas.request),
    ...(outputSchema && { outputSchema }),
    annotations: annotationsOf(method),
  };
}

/** The schemas of a document as they are sent and received. */
export interface BothSides {
  request: DocumentSchemas;
  response: DocumentSchemas;
}

/** The schema of the first good response that is JSON. */
function outputOf(responses: unknown, schemas: DocumentSchemas): JsonSchema | undefined {
  if (!isSchema(responses)) return undefined;
  const good = Object.keys(responses).filter((status) => /^2(?:\d\d|XX)$/iu.test(status));
  for (const status of good.length > 0 ? good : ['default']) {
    const { content } = schemas.resolve(responses[status] ?? {});
    const media = Object.entries(isSchema(content) ? content : {}).find(([type]) => /[/+]json\b/iu.test(type))?.[1];
    if (!isSchema(media) || !isSchema(media.schema)) continue;
    const uses = new Set<string>();
    const schema = schemas.localize(media.schema, uses);
    return { ...schema, ...schemas.definitions(uses) };
  }
  return undefined;
}
