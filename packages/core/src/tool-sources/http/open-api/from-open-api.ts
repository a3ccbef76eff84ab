import type { z } from 'zod';
import { nearestName } from '../../../search/nearest-name.ts';
import { type NamingOptions, named } from '../../naming.ts';
import { pythonPath } from '../../python-names.ts';
import type { JsonSchema, Tool, ToolProblem, ToolSource } from '../../tool.ts';
import { toConnection } from '../connection.ts';
import { endpointTool } from '../endpoint-tool.ts';
import { type OpenApiDefinition, openApiDefinition } from '../open-api-definition.ts';
import { parseDefinition } from '../parse-definition.ts';
import { credentialsFor, securitySchemes } from './credentials.ts';
import { DocumentSchemas } from './document-schemas.ts';
import { DocumentError, loadDocument } from './load-document.ts';
import { type BothSides, operationEndpoint } from './operation-endpoint.ts';
import { OperationError } from './operation-error.ts';
import { operationName } from './operation-name.ts';
import { type Operation, selectOperations } from './select-operations.ts';
import { serverUrl } from './server-url.ts';
import { upgradeDocument } from './upgrade-document.ts';

/** What `fromOpenApi` takes: the object that `type: openapi` has in YAML. */
export type FromOpenApiDefinition = Omit<z.input<typeof openApiDefinition>, 'type'> & { type?: 'openapi' };

export interface OpenApiOptions extends NamingOptions {
  /** Where the path of a document starts. @defaultValue the working directory */
  folder?: string;
}

/**
 * Tools made of an OpenAPI document, one for each operation. The document is loaded when the tools are first needed; a
 * failure is in `problems()`, and the next `tools()` tries again.
 * @throws CodeModeError `invalid_options` naming the place in the definition
 */
export function fromOpenApi(definition: FromOpenApiDefinition, options: OpenApiOptions = {}): ToolSource {
  const checked = parseDefinition(openApiDefinition, { ...definition, type: 'openapi' }, 'OpenAPI tools');
  let loading: Promise<Loaded> | undefined;
  let problems: ToolProblem[] = [];
  return {
    name: checked.name,
    async tools() {
      loading ??= load(checked, options.folder ?? process.cwd());
      const loaded = await loading;
      problems = loaded.problems.map((problem) => ({ source: checked.name, ...problem }));
      if (loaded.isFailed) loading = undefined;
      return named(loaded.tools, options);
    },
    problems: () => problems,
  };
}

interface Loaded {
  tools: Tool[];
  problems: Omit<ToolProblem, 'source'>[];
  isFailed?: true;
}

async function load(definition: OpenApiDefinition, folder: string): Promise<Loaded> {
  try {
    const { document, url } = await loadDocument(definition.document, {
      folder,
      timeoutMs: definition.timeout * 1_000,
    });
    const upgraded = await upgradeDocument(document);
    const { tools, problems } = toTools(definition, upgraded.document, url);
    const broken = upgraded.broken.map(({ path, reason }) => leftOut(path, reason));
    return { tools, problems: [...broken, ...problems] };
  } catch (error) {
    const message =
      error instanceof DocumentError ? error.message : `The document cannot be understood: ${(error as Error).message}`;
    return { tools: [], problems: [{ subject: 'document', message }], isFailed: true };
  }
}

function toTools(definition: OpenApiDefinition, document: JsonSchema, url: string | undefined): Loaded {
  const schemas = {
    request: new DocumentSchemas(document, 'request'),
    response: new DocumentSchemas(document, 'response'),
  };
  const { operations, problems } = selectOperations(document, schemas.request, definition);
  problems.push(...unknownSchemes(definition, document));
  const tools = new Map<string, { tool: Tool; label: string }>();
  for (const operation of operations) {
    try {
      const tool = toTool(operation, definition, document, schemas, url);
      const spelled = pythonPath(tool.name);
      const other = tools.get(spelled);
      if (other) throw new OperationError(`its name ${tool.name} is taken by ${other.label}`);
      tools.set(spelled, { tool, label: operation.label });
    } catch (error) {
      // A document from elsewhere may break any assumption: that is the problem of the operation alone.
      problems.push(leftOut(operation.label, (error as Error).message));
    }
  }
  return { tools: [...tools.values()].map(({ tool }) => tool), problems };
}

function toTool(
  operation: Operation,
  definition: OpenApiDefinition,
  document: JsonSchema,
  schemas: BothSides,
  documentUrl: string | undefined,
): Tool {
  const servers = [operation.operation.servers, operation.item.servers, document.servers];
  const base = definition.base_url ?? serverUrl(servers, documentUrl);
  if (base === undefined) {
    throw new OperationError('the document names no http:// or https:// server for it; set base_url');
  }
  const credentials = credentialsFor(operation.operation, document, schemas.request, definition.auth);
  const connection = toConnection(definition, base, credentials);
  const name = operationName(operation);
  return endpointTool(operationEndpoint(`${definition.name}.${name}`, operation, connection, schemas), connection);
}

function unknownSchemes({ auth }: OpenApiDefinition, document: JsonSchema): Loaded['problems'] {
  const known = Object.keys(securitySchemes(document));
  return Object.keys(auth)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const nearest = nearestName(name, known);
      const advice = nearest === undefined ? `It has: ${known.join(', ') || 'none'}.` : `Did you mean '${nearest}'?`;
      return { subject: `auth.${name}`, message: `The document has no security scheme '${name}'. ${advice}` };
    });
}

function leftOut(subject: string, reason: string): Loaded['problems'][number] {
  return { subject, message: `${subject} was left out: ${reason.replace(/\.$/u, '')}.` };
}
