import { defineTool } from '../function.ts';
import { fromMcpAnnotations } from '../mcp-result.ts';
import type { JsonSchema, Tool } from '../tool.ts';
import type { ListedTool } from './connection.ts';
import type { McpServer } from './mcp-server.ts';

/**
 * A server's tool as the session knows it.
 * @throws Error when it needs what we do not do; CodeModeError `invalid_options` when Python cannot be offered its name
 *   or schemas
 */
export function toTool(server: McpServer, listed: ListedTool, name: string): Tool {
  const { title, description, inputSchema, outputSchema, annotations, execution } = listed;
  if (execution?.taskSupport === 'required') throw new Error('It runs only as an MCP task, and code-mode makes none.');
  return defineTool({
    name,
    description: description ?? title ?? '',
    input: inputSchema as JsonSchema,
    ...(outputSchema && { output: outputSchema as JsonSchema }),
    annotations: { ...fromMcpAnnotations(annotations), ...(title !== undefined && { title }) },
    execute: (args, { signal }) => server.call(listed.name, args, signal),
  });
}
