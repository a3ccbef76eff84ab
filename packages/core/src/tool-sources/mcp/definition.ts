import { z } from 'zod';
import { fromMcp, type McpToolSource } from './from-mcp.ts';

const texts = z.record(z.string(), z.string());
const seconds = z.number().positive().max(2_000_000);

/** An MCP server in a YAML file: its tools are `tools.NAME.TOOL(…)`. */
export const mcpServerDefinition = z
  .strictObject({
    name: z.string().min(1).describe('Group of its tools in Python.'),
    description: z.string().optional().describe('For people; the tools have descriptions of their own.'),
    type: z.literal('mcp'),
    transport: z
      .enum(['stdio', 'sse', 'http', 'streamable_http'])
      .optional()
      .describe("How it is spoken to; by default 'stdio' with `command`, 'http' with `url`."),
    command: z.string().min(1).optional().describe('The program to start.'),
    args: z.array(z.string()).optional(),
    env: texts.optional().describe('Its whole environment, beside PATH, HOME and the like.'),
    cwd: z.string().optional().describe('Folder it starts in.'),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Its address, for `http` and `sse`.'),
    headers: texts.optional().describe('Sent with every request.'),
    timeout: seconds
      .optional()
      .describe('Seconds one call may take; with `sse`, seconds the server may take to be reached.'),
    sse_read_timeout: seconds.optional().describe('With `sse`: seconds one call may take.'),
  })
  .refine(({ command, url }) => (command === undefined) !== (url === undefined), {
    message: 'either command, a program to start, or url is needed, and not both',
  });

export type McpServerDefinition = z.infer<typeof mcpServerDefinition>;

/** The tools of a server that a YAML file defines. @throws CodeModeError `invalid_options` */
export function fromMcpDefinition(definition: McpServerDefinition): McpToolSource {
  const { name, description: _, type: __, timeout, sse_read_timeout: readTimeout, ...server } = definition;
  const isSse = server.transport === 'sse';
  const call = isSse ? readTimeout : timeout;
  return fromMcp({ servers: { [name]: server } } as Parameters<typeof fromMcp>[0], {
    ...(call !== undefined && { timeoutMs: call * 1_000 }),
    ...(isSse && timeout !== undefined && { startTimeoutMs: timeout * 1_000 }),
  });
}
