import * as core from '@code-mode/core';
import { isDirectToolOutput, ToolMessage } from '@langchain/core/messages/tool';
import type { ClientTool, StructuredToolInterface as StructuredTool } from '@langchain/core/tools';
import { toJsonSchema } from '@langchain/core/utils/json_schema';
import type { InterruptOn } from './approval.ts';
import { nestedCall } from './run-code-call.ts';

export interface FromLangChainToolsOptions extends core.NamingOptions {
  /** Tools whose calls wait for a person, by LangChain's name: `true`, or as in `humanInTheLoopMiddleware`. */
  interruptOn?: InterruptOn;
}

/**
 * Offers LangChain tools, also those of MCP servers, to Python as `tools.NAME(…)`. Python gets what a tool returns; of a
 * tool with an artifact it gets the content. `problems()` names the tools that Python cannot call.
 * @throws CodeModeError `invalid_options` when `interruptOn` names none of them, and from `tools()`
 */
export function fromLangChainTools(tools: Iterable<ClientTool>, options: FromLangChainToolsOptions = {}) {
  const items = [...tools].map((tool) => [tool.name ?? Reflect.get(tool, 'type'), tool as StructuredTool] as const);
  const names = items.map(([name]) => name);
  const unknown = Object.keys(options.interruptOn ?? {}).find((name) => !names.includes(name));
  const problem = `interruptOn names '${unknown}', which is none of these LangChain tools: ${names.join(', ') || 'none'}.`;
  if (unknown !== undefined) throw new core.CodeModeError('invalid_options', problem);
  return core.toolSetSource({
    name: 'langchain',
    items,
    convert: (tool) => convert(tool, options),
    obstacle: ({ invoke }) => (typeof invoke === 'function' ? undefined : 'the model provider runs it'),
  });
}

function convert(tool: StructuredTool, { interruptOn = {}, ...naming }: FromLangChainToolsOptions): core.Tool {
  const { name, description, schema } = tool;
  const gate = Object.hasOwn(interruptOn, name) && interruptOn[name];
  // Only with a whole call does such a tool tell its artifact, in which MCP's structured content is.
  const hasArtifact = Reflect.get(tool, 'responseFormat') === 'content_and_artifact';
  return core.defineTool<Record<string, unknown>>({
    name: core.nameInSession(name, naming),
    description,
    input: toJsonSchema(schema) as core.JsonSchema,
    annotations: core.fromMcpAnnotations(Reflect.get(Object(Reflect.get(tool, 'metadata')), 'annotations')),
    ...(gate && {
      needsApproval: async (args: Record<string, unknown>, context: core.ToolContext) => {
        if (gate === true || !gate.when) return true;
        const { toolCall, runtime } = nestedCall(name, args, context);
        return await gate.when({ toolCall, tool: undefined, state: runtime.state as never, runtime: runtime as never });
      },
    }),
    execute: async (args, context) => {
      const { toolCall, runtime } = nestedCall(name, args, context);
      const output: unknown = await tool.invoke(hasArtifact ? toolCall : args, runtime);
      if (ToolMessage.isInstance(output)) return dataOf(output);
      if (!isDirectToolOutput(output)) return output;
      throw new core.ToolError(`${name} returned a command for the agent's graph, which code cannot carry out.`);
    },
  });
}

/** The data in a tool's message, read as a result of MCP. @throws ToolError when the message says that the tool failed */
function dataOf({ content, artifact, status }: ToolMessage): unknown {
  const parts = [artifact].flat().map(Object);
  return core.unwrapMcpResult({
    content: [...[content].flat().map(core.toMcpContent), ...parts.filter(({ type }) => type === 'resource')],
    structuredContent: parts.find(({ type }) => type === 'mcp_structured_content')?.data,
    isError: status === 'error',
  });
}
