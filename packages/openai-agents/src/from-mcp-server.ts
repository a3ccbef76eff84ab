import * as core from '@code-mode/core';
import type { MCPServer, RunContext } from '@openai/agents';
import { caller, guarded, nestedCall } from './nested-call.ts';

type ServerTool = Awaited<ReturnType<MCPServer['listTools']>>[number];

/** The tools of a connected MCP server, as the SDK would give them to an agent, with results as data. */
export async function fromMcpServer(server: MCPServer, options: core.NamingOptions): Promise<core.Tool[]> {
  const listed = await server.listTools();
  // A function goes by who calls, so it is asked at each call.
  const shown = listed.filter((tool) => typeof server.toolFilter === 'function' || isListed(server, tool));
  return shown.map((tool) => convert(server, tool, options));
}

function convert(server: MCPServer, tool: ServerTool, options: core.NamingOptions): core.Tool {
  const name = core.nameInSession(tool.name, options);
  const { description = '', inputSchema, outputSchema, annotations } = tool as ServerTool & Record<string, unknown>;
  const { toolInputGuardrails: inputGuardrails = [], toolOutputGuardrails: outputGuardrails = [] } = server;
  return core.defineTool<Record<string, unknown>>({
    name,
    description,
    input: inputSchema as core.JsonSchema,
    ...(outputSchema ? { output: outputSchema as core.JsonSchema } : {}),
    annotations: core.fromMcpAnnotations(annotations),
    execute: async (args, context) => {
      const call = nestedCall(tool.name, args, context);
      const { runContext } = call;
      if (!(await isAllowed(server, tool, runContext))) throw new core.ToolError(`${name} is not enabled here.`);
      return guarded({ inputGuardrails, outputGuardrails }, call, async () => {
        const asked = { runContext, serverName: server.name, toolName: tool.name, arguments: args };
        const meta = await server.toolMetaResolver?.(asked);
        const request = [tool.name, args, meta, { signal: context.signal }] as const;
        const result = await (server.callToolResult?.(...request) ?? server.callTool(...request));
        const { structuredContent, isError } = result;
        const content = Array.isArray(result) ? result : result.content;
        return core.unwrapMcpResult({ content, structuredContent, isError });
      });
    },
  });
}

async function isAllowed(server: MCPServer, tool: ServerTool, runContext: RunContext): Promise<boolean> {
  const { toolFilter, name: serverName } = server;
  if (typeof toolFilter !== 'function') return isListed(server, tool);
  return await toolFilter({ runContext, agent: caller, serverName }, tool);
}

function isListed({ toolFilter }: MCPServer, { name }: ServerTool): boolean {
  const { allowedToolNames = [name], blockedToolNames = [] } = typeof toolFilter === 'object' ? toolFilter : {};
  return allowedToolNames.includes(name) && !blockedToolNames.includes(name);
}
