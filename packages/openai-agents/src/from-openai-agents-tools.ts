import * as core from '@code-mode/core';
import * as sdk from '@openai/agents';
import { fromMcpServer } from './from-mcp-server.ts';
import { caller, nestedCall } from './run-code-call.ts';

/**
 * Offers the tools of an agent, and of MCP servers that are connected, to Python as `tools.NAME(…)`. A tool with
 * `needsApproval` waits for an approval; `isEnabled`, `toolFilter` and guardrails hold as they do for an agent.
 * `problems()` names the tools that Python cannot call.
 * @throws CodeModeError `invalid_options` from `tools()`
 */
export function fromOpenAIAgentsTools(given: Iterable<sdk.Tool | sdk.MCPServer>, options: core.NamingOptions = {}) {
  const items = [...given].map((item) => [item.name, item] as const);
  const servers = items.filter(([, item]) => 'listTools' in item).map(([name]) => name);
  return core.toolSetSource({
    name: ['openai-agents', ...servers].join(' '),
    items,
    convert: (item) =>
      'listTools' in item
        ? fromMcpServer(item).then((tools) => tools.map((tool) => convert(tool, options)))
        : convert(item as sdk.FunctionTool, options),
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
  const { description, strict, outputSchema, annotations, inputGuardrails = [], outputGuardrails = [] } = tool;
  const schema: core.JsonSchema & { properties?: object; required?: string[] } = tool.parameters;
  const { properties = {}, required = [] } = schema;
  // A strict schema requires every property; one that may be left out is one that may be null.
  const optional = strict ? required.filter((key) => isNullable(Reflect.get(properties, key))) : [];
  const nulls = Object.fromEntries(optional.map((key) => [key, null]));
  return core.defineTool<Record<string, unknown>>({
    name,
    description,
    input: { ...schema, required: required.filter((key) => !optional.includes(key)) },
    ...(outputSchema && { output: { ...outputSchema } }),
    annotations: core.fromMcpAnnotations(annotations),
    needsApproval: (given, context) => {
      const args = { ...nulls, ...given };
      const { runContext, toolCall } = nestedCall(tool.name, args, context);
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

function isNullable(schema: unknown): boolean {
  const { type, anyOf = [] } = Object(schema) as { type?: unknown; anyOf?: unknown[] };
  return [type].flat().includes('null') || anyOf.some(isNullable);
}
