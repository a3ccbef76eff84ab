import * as core from '@code-mode/core';
import * as sdk from '@openai/agents';
import { caller, nestedCall } from './run-code-call.ts';

/**
 * Offers the tools of an agent, and of connected MCP servers, to Python as `tools.NAME(…)`. A tool with `needsApproval`
 * waits for an approval; `isEnabled`, `toolFilter` and guardrails hold. `problems()` names those that Python cannot call.
 * @throws CodeModeError `invalid_options` from `tools()`
 */
export function fromOpenAIAgentsTools(given: Iterable<sdk.Tool | sdk.MCPServer>, options: core.NamingOptions = {}) {
  const items = [...given].map((item) => [item.name, item] as const);
  return core.toolSetSource({
    name: ['openai-agents', ...items.flatMap(([name, item]) => ('listTools' in item ? name : []))].join(' '),
    items,
    convert: (item) => ('listTools' in item ? fromServer(item, options) : convert(item as sdk.FunctionTool, options)),
    obstacle: (item) => {
      if ('listTools' in item || item.type === 'function') return undefined;
      return item.type === 'hosted_tool' ? 'the model provider runs it' : `it is of type ${item.type}`;
    },
  });
}

/** How the text begins that the SDK makes of an error, unless the tool has an `errorFunction`. */
const FAILED = 'An error occurred while running the tool. Please try again.';
const ASKING_AGENT = 'If tools of this agent need approval, let the model call it: Python cannot ask for them.';

function convert(tool: sdk.FunctionTool & { annotations?: unknown }, options: core.NamingOptions): core.Tool {
  const name = core.nameInSession(tool.name, options);
  const { description = '', strict, outputSchema, annotations, inputGuardrails = [], outputGuardrails = [] } = tool;
  const { schema: input, nulls } = strict ? core.fromStrictSchema(tool.parameters) : { schema: tool.parameters };
  return core.defineTool<Record<string, unknown>>({
    name,
    description,
    input,
    ...(outputSchema && { output: { ...outputSchema } }),
    annotations: core.fromMcpAnnotations(annotations),
    needsApproval: (given, context) => {
      const { args, runContext, toolCall } = nestedCall(tool.name, { ...nulls, ...given }, context);
      return tool.needsApproval(runContext, args as never, toolCall.callId);
    },
    execute: async (given, context) => {
      const { runContext, toolCall } = nestedCall(tool.name, { ...nulls, ...given }, context);
      if (!(await tool.isEnabled(runContext, caller))) throw new core.ToolError(`${name} is not enabled here.`);
      const about = { context: runContext, agent: caller, toolCall };
      const before = await sdk.runToolInputGuardrails({ guardrails: inputGuardrails, ...about });
      if (before.type === 'reject') throw new core.ToolError(before.message);
      const details = { toolCall, signal: context.signal };
      // The text of a time-out would look like an answer.
      const throwing = { ...tool, timeoutBehavior: 'raise_exception' as const };
      const output = await sdk.invokeFunctionTool({ tool: throwing, runContext, input: toolCall.arguments, details });
      const after = await sdk.runToolOutputGuardrails({ guardrails: outputGuardrails, ...about, toolOutput: output });
      // NaN is not equal to itself.
      if (!Object.is(after, output)) throw new core.ToolError(String(after));
      if (typeof output === 'string' && output.startsWith(FAILED)) throw new core.ToolError(output);
      if (output === '' && 'on' in tool) throw new core.ToolError(`${name} ended without an answer. ${ASKING_AGENT}`);
      return output;
    },
  });
}

/** The tools of a connected MCP server, as the SDK would give them to an agent, with results as data. */
async function fromServer(server: sdk.MCPServer, options: core.NamingOptions): Promise<core.Tool[]> {
  const shown = (await server.listTools()).filter((tool) => isAllowed(server, tool));
  return shown.map((tool) => convert(toFunctionTool(server, tool), options));
}

type ServerTool = Awaited<ReturnType<sdk.MCPServer['listTools']>>[number];

function toFunctionTool(server: sdk.MCPServer, tool: ServerTool): sdk.FunctionTool {
  const { toolInputGuardrails: inputGuardrails, toolOutputGuardrails: outputGuardrails, name: serverName } = server;
  const { name: toolName, inputSchema: parameters } = tool;
  const invoke: sdk.FunctionTool['invoke'] = async (runContext, input, details) => {
    const args = JSON.parse(input);
    const meta = await server.toolMetaResolver?.({ runContext, serverName, toolName, arguments: args });
    const request = [toolName, args, meta, details?.signal ? { signal: details.signal } : {}] as const;
    const result = await (server.callToolResult?.(...request) ?? server.callTool(...request));
    const { content = result, structuredContent, isError } = Object(result);
    return core.unwrapMcpResult({ content, structuredContent, isError });
  };
  const isEnabled = async (runContext: sdk.RunContext) => isAllowed(server, tool, runContext);
  const gates = { isEnabled, needsApproval: async () => false, inputGuardrails, outputGuardrails };
  return { ...tool, type: 'function', parameters, strict: false, ...gates, invoke } as unknown as sdk.FunctionTool;
}

function isAllowed({ toolFilter, name: serverName }: sdk.MCPServer, tool: ServerTool, by?: sdk.RunContext) {
  // A function goes by who calls, so it is asked at each call.
  if (typeof toolFilter === 'function') return !by || toolFilter({ runContext: by, agent: caller, serverName }, tool);
  const { allowedToolNames = [tool.name], blockedToolNames = [] } = toolFilter ?? {};
  return allowedToolNames.includes(tool.name) && !blockedToolNames.includes(tool.name);
}
