import * as core from '@code-mode/core';
import { type FunctionTool, invokeFunctionTool, type MCPServer, type Tool } from '@openai/agents';
import { fromServer } from './from-mcp-server.ts';
import { caller, guarded, nestedCall, notEnabled } from './nested-call.ts';

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
  const items = [...given];
  const servers = items.filter((item): item is MCPServer => 'listTools' in item);
  const tools = items.filter((item): item is Tool => !('listTools' in item));
  const functions = () => tools.flatMap((tool) => (tool.type === 'function' ? convert(tool, options) : []));
  return {
    name: ['openai-agents', ...servers.map(({ name }) => name)].join(' '),
    startsNothing: true,
    tools: () => {
      if (servers.length === 0) return functions();
      const loading = Promise.all(servers.map((server) => fromServer(server, options)));
      // Whoever needs what loads hears of its failure.
      loading.catch(() => {});
      return loading.then((lists) => [...functions(), ...lists.flat()]);
    },
    problems: () =>
      tools.flatMap(({ type, name }) => {
        if (type === 'function') return [];
        const why = type === 'hosted_tool' ? 'the model provider runs it' : `it is of type ${type}`;
        return [{ source: 'openai-agents', subject: name, message: `Python cannot call it: ${why}.` }];
      }),
  };
}

/** How the text begins that the SDK makes of an error, unless the tool has an `errorFunction`. */
const FAILED = 'An error occurred while running the tool. Please try again.';

function convert(tool: FunctionTool, options: core.NamingOptions): core.Tool {
  const name = core.nameInSession(tool.name, options);
  const { description, strict, outputSchema } = tool as FunctionTool & { outputSchema?: core.JsonSchema };
  const schema = tool.parameters as core.JsonSchema;
  const optional = strict ? nullableIn(schema) : [];
  const nulls = Object.fromEntries(optional.map((key) => [key, null]));
  return core.defineTool<Record<string, unknown>>({
    name,
    description,
    input: { ...schema, required: listOf(schema.required).filter((key) => !optional.includes(String(key))) },
    ...(outputSchema && { output: outputSchema }),
    needsApproval: async (args, context) => {
      const input = { ...nulls, ...args };
      const { runContext, toolCall } = nestedCall(tool.name, input, context);
      return await tool.needsApproval(runContext, input as never, toolCall.callId);
    },
    execute: async (args, context) => {
      const call = nestedCall(tool.name, { ...nulls, ...args }, context);
      const { runContext, toolCall } = call;
      if (!(await tool.isEnabled(runContext, caller))) throw notEnabled(name);
      // The text of a time-out would look like an answer.
      const strictTool = { ...tool, timeoutBehavior: 'raise_exception' as const };
      const details = { toolCall, signal: context.signal };
      const run = () => invokeFunctionTool({ tool: strictTool, runContext, input: toolCall.arguments, details });
      const output = await guarded(tool, call, run);
      if (typeof output === 'string' && output.startsWith(FAILED)) throw new core.ToolError(output);
      if (output === '' && 'on' in tool) throw new core.ToolError(`${name} ended without an answer. ${ASKING_AGENT}`);
      return output;
    },
  });
}

const ASKING_AGENT = 'If tools of this agent need approval, let the model call it: Python cannot ask for them.';

/** A strict schema requires every property; one that may be left out is one that may be null. */
function nullableIn({ properties }: core.JsonSchema): string[] {
  return Object.entries(Object(properties) as Record<string, core.JsonSchema>).flatMap(([key, { type, anyOf }]) =>
    listOf(type).includes('null') || listOf(anyOf).some((one) => Object(one).type === 'null') ? key : [],
  );
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
