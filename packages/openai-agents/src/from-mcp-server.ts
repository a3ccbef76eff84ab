import * as core from '@code-mode/core';
import type { MCPServer, MCPToolFilterStatic, RunContext } from '@openai/agents';
import { caller, guarded, nestedCall, notEnabled } from './nested-call.ts';

type ServerTool = Awaited<ReturnType<MCPServer['listTools']>>[number];

/** The tools of a connected MCP server, as the SDK would give them to an agent, with results as data. */
export async function fromServer(server: MCPServer, options: core.NamingOptions): Promise<core.Tool[]> {
  const { toolFilter } = server;
  const listed = await server.listTools();
  // A function goes by who calls, so it is asked at each call.
  const shown = listed.filter(({ name }) => typeof toolFilter === 'function' || isListed(toolFilter, name));
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
      if (!(await isAllowed(server, tool, call.runContext))) throw notEnabled(name);
      return guarded({ inputGuardrails, outputGuardrails }, call, async () => {
        const asked = { runContext: call.runContext, serverName: server.name, toolName: tool.name, arguments: args };
        const meta = await server.toolMetaResolver?.(asked);
        const parameters = [tool.name, args, meta, { signal: context.signal }] as const;
        const result = await (server.callToolResult?.(...parameters) ?? contentOf(server.callTool(...parameters)));
        const { content, structuredContent, isError } = result;
        return core.unwrapMcpResult({ content, structuredContent, isError: isError === true });
      });
    },
  });
}

async function isAllowed(server: MCPServer, tool: ServerTool, runContext: RunContext): Promise<boolean> {
  const { toolFilter, name } = server;
  if (typeof toolFilter !== 'function') return isListed(toolFilter, tool.name);
  return (await toolFilter({ runContext, agent: caller, serverName: name }, tool)) === true;
}

function isListed({ allowedToolNames, blockedToolNames }: MCPToolFilterStatic = {}, name: string): boolean {
  return (allowedToolNames?.includes(name) ?? true) && !blockedToolNames?.includes(name);
}

async function contentOf(calling: ReturnType<MCPServer['callTool']>) {
  const content = await calling;
  return { content, structuredContent: content.structuredContent, isError: content.isError };
}
