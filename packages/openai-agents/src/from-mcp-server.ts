import { unwrapMcpResult } from '@code-mode/core';
import type { FunctionTool, MCPServer } from '@openai/agents';
import { caller } from './run-code-call.ts';

type ServerTool = Awaited<ReturnType<MCPServer['listTools']>>[number];

/** The tools of a connected MCP server, as the SDK would give them to an agent, with results as data. */
export async function fromMcpServer(server: MCPServer) {
  const listed = await server.listTools();
  // A function goes by who calls, so it is asked at each call.
  const shown = listed.filter((tool) => typeof server.toolFilter === 'function' || isListed(server, tool));
  return shown.map((tool) => toFunctionTool(server, tool));
}

function toFunctionTool(server: MCPServer, tool: ServerTool) {
  const {
    name,
    inputSchema: parameters,
    outputSchema,
    annotations,
    description = '',
  } = tool as ServerTool & Partial<Record<string, object>>;
  const {
    toolInputGuardrails: inputGuardrails,
    toolOutputGuardrails: outputGuardrails,
    toolFilter,
    name: serverName,
  } = server;
  const made = {
    type: 'function',
    name,
    description,
    parameters,
    strict: false,
    needsApproval: async () => false,
    isEnabled: async (runContext) =>
      typeof toolFilter === 'function'
        ? await toolFilter({ runContext, agent: caller, serverName }, tool)
        : isListed(server, tool),
    invoke: async (runContext, input, details) => {
      const args = JSON.parse(input);
      const meta = await server.toolMetaResolver?.({ runContext, serverName, toolName: name, arguments: args });
      const request = [name, args, meta, { signal: details?.signal }] as const;
      const result = await (server.callToolResult?.(...request) ?? server.callTool(...request));
      const { structuredContent, isError } = result;
      const content = Array.isArray(result) ? result : result.content;
      return unwrapMcpResult({ content, structuredContent, isError });
    },
  } as FunctionTool;
  return {
    ...made,
    ...(inputGuardrails && { inputGuardrails }),
    ...(outputGuardrails && { outputGuardrails }),
    outputSchema,
    annotations,
  };
}

function isListed({ toolFilter }: MCPServer, { name }: ServerTool): boolean {
  const { allowedToolNames = [name], blockedToolNames = [] } = typeof toolFilter === 'object' ? toolFilter : {};
  return allowedToolNames.includes(name) && !blockedToolNames.includes(name);
}
