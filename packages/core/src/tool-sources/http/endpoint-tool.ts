import { toSignature } from '../python-names.ts';
import type { Tool } from '../tool.ts';
import { buildRequest } from './build-request.ts';
import type { Connection } from './connection.ts';
import { decodeResponse } from './decode-response.ts';
import type { Endpoint } from './endpoint.ts';
import { sendRequest } from './send-request.ts';

/**
 * The tool that makes the request of an endpoint.
 * @throws CodeModeError `invalid_options` when Python could not call it
 */
export function endpointTool(endpoint: Endpoint, connection: Connection): Tool {
  const { name, description, inputSchema, outputSchema, annotations } = endpoint;
  const tool: Tool = {
    name,
    description: description || `${endpoint.method} ${endpoint.path}`,
    inputSchema,
    ...(outputSchema && { outputSchema }),
    annotations,
    execute: async (input, { signal }) => {
      const request = buildRequest(endpoint, input, connection);
      return decodeResponse(await sendRequest(request, connection, signal), endpoint.response, connection);
    },
  };
  toSignature(tool);
  return tool;
}
