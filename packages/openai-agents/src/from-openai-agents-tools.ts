import * as core from '@code-mode/core';
import { type FunctionTool, invokeFunctionTool, type MCPServer, type Tool } from '@openai/agents';
import { fromMcpServer } from './from-mcp-server.ts';
import { caller, guarded, nestedCall } from './nested-call.ts';

/**
 * Offers the tools of an agent, and of MCP servers that are connected, to Python as `tools.NAME(…)`. A tool with
 * `needsApproval` waits for an approval; `isEnabled`, `toolFilter` and guardrails hold as they do for an agent.
 * `problems()` names the tools that Python cannot call.
 * @throws CodeModeError `invalid_options` from `tools()`
 */
export function fromOpenAIAgentsTools(
  given: Iterable<Tool | MCPServer>,
  options: core.NamingOptions = {},
): core.ToolSetSource {
  const servers = [...given].filter((item): item is MCPServer => 'listTools' in item);
  const tools = [...given].filter((item): item is Tool => !('listTools' in item));
  const functions = () => tools.flatMap((tool) => (tool.type === 'function' ? convert(tool, options) : []));
  return {
    name: ['openai-agents', ...servers.map(({ name }) => name)].join(' '),
    startsNothing: true,
    tools: () => {
      if (servers.length === 0) return functions();
      const loading = Promise.all([functions(), ...servers.map((server) => fromMcpServer(server, options))]);
      // Whoever needs what loads hears of its failure.
      loading.catch(() => {});
      return loading.then((lists) => lists.flat());
    },
    problems: () =>
      tools.flatMap(({ type, name: subject }) => {
        const why = type === 'hosted_tool' ? 'the model provider runs it' : `it is of type ${type}`;
        const problem = { source: 'openai-agents', subject, message: `Python cannot call it: ${why}.` };
        return type === 'function' ? [] : [problem];
      }),
  };
}

/** How the text begins that the SDK makes of an error, unless the tool has an `errorFunction`. */
const FAILED = 'An error occurred while running the tool. Please try again.';
const ASKING_AGENT = 'If tools of this agent need approval, let the model call it: Python cannot ask for them.';

function convert(tool: FunctionTool, options: core.NamingOptions): core.Tool {
  const name = core.nameInSession(tool.name, options);
  const { description, strict, outputSchema } = tool as FunctionTool & { outputSchema?: core.JsonSchema };
  const schema = tool.parameters as core.JsonSchema;
  const { properties = {}, required = [] } = schema as { properties?: Record<string, unknown>; required?: string[] };
  // A strict schema requires every property; one that may be left out is one that may be null.
  const optional = strict ? required.filter((key) => isNullable(properties[key])) : [];
  const callOf = (args: Record<string, unknown>, context: core.ToolContext) =>
    nestedCall(tool.name, { ...Object.fromEntries(optional.map((key) => [key, null])), ...args }, context);
  return core.defineTool<Record<string, unknown>>({
    name,
    description,
    input: { ...schema, required: required.filter((key) => !optional.includes(key)) },
    ...(outputSchema && { output: outputSchema }),
    needsApproval: (given, context) => {
      const { args, runContext, toolCall } = callOf(given, context);
      return tool.needsApproval(runContext, args as never, toolCall.callId);
    },
    execute: async (given, context) => {
      const call = callOf(given, context);
      const { runContext, toolCall } = call;
      if (!(await tool.isEnabled(runContext, caller))) throw new core.ToolError(`${name} is not enabled here.`);
      const details = { toolCall, signal: context.signal };
      // The text of a time-out would look like an answer.
      const throwing = { ...tool, timeoutBehavior: 'raise_exception' as const };
      const output = await guarded(tool, call, () =>
        invokeFunctionTool({ tool: throwing, runContext, input: toolCall.arguments, details }),
      );
      if (typeof output === 'string' && output.startsWith(FAILED)) throw new core.ToolError(output);
      if (output === '' && 'on' in tool) throw new core.ToolError(`${name} ended without an answer. ${ASKING_AGENT}`);
      return output;
    },
  });
}

function isNullable(schema: unknown): boolean {
  const { type, anyOf = [] } = Object(schema) as { type?: unknown; anyOf?: unknown[] };
  return [type].flat().includes('null') || anyOf.some(isNullable);
}
