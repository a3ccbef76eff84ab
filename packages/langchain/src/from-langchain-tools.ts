import * as core from '@code-mode/core';
import { isDirectToolOutput, ToolMessage } from '@langchain/core/messages/tool';
import type { ClientTool, StructuredToolInterface } from '@langchain/core/tools';
import { toJsonSchema } from '@langchain/core/utils/json_schema';
import type { InterruptOn, RunCodeCall } from './approval.ts';

export interface FromLangChainToolsOptions extends core.NamingOptions {
  /** Tools whose calls wait for a person, by LangChain's name: `true`, or as in `humanInTheLoopMiddleware`. */
  interruptOn?: InterruptOn;
}

/**
 * Offers LangChain tools, also those of MCP servers, to Python as `tools.NAME(…)`. Python gets what a tool returns; of a
 * tool with an artifact it gets the content.
 * @throws CodeModeError `invalid_options` when a tool cannot be offered, or `interruptOn` names none of them
 */
export function fromLangChainTools(
  tools: Iterable<ClientTool>,
  options: FromLangChainToolsOptions = {},
): core.ToolSetSource {
  const converted = new Map([...tools].map((tool) => [tool.name, convert(tool as StructuredToolInterface, options)]));
  const unknown = Object.keys(options.interruptOn ?? {}).find((name) => !converted.has(name));
  if (unknown !== undefined) {
    const known = [...converted.keys()].join(', ') || 'none';
    throw invalid(`interruptOn names '${unknown}', which is none of these LangChain tools: ${known}.`);
  }
  return { name: 'langchain', startsNothing: true, tools: () => [...converted.values()], problems: () => [] };
}

function convert(tool: StructuredToolInterface, options: FromLangChainToolsOptions): core.Tool {
  const { name, description, schema } = tool;
  if (typeof tool.invoke !== 'function')
    throw invalid(`Python cannot call the tool '${name ?? Reflect.get(tool, 'type')}': it has no \`invoke\`.`);
  const { interruptOn = {} } = options;
  const gate = Object.hasOwn(interruptOn, name) ? interruptOn[name] : undefined;
  // Only with a whole call does such a tool tell its artifact, in which MCP's structured content is.
  const hasArtifact = Reflect.get(tool, 'responseFormat') === 'content_and_artifact';
  return core.defineTool<Record<string, unknown>>({
    name: core.nameInSession(name, options),
    description,
    input: toJsonSchema(schema) as core.JsonSchema,
    annotations: core.fromMcpAnnotations(Reflect.get(Object(Reflect.get(tool, 'metadata')), 'annotations')),
    ...(gate && {
      needsApproval: async (args: Record<string, unknown>, context: core.ToolContext) => {
        if (gate === true || !gate.when) return true;
        const runtime = nested(context);
        const toolCall = { type: 'tool_call' as const, id: runtime.toolCallId, name, args };
        return await gate.when({ toolCall, tool: undefined, state: runtime.state as never, runtime: runtime as never });
      },
    }),
    execute: async (args, context) => {
      const runtime = nested(context);
      const input = hasArtifact ? { type: 'tool_call' as const, id: runtime.toolCallId, name, args } : args;
      const output: unknown = await tool.invoke(input, runtime);
      if (ToolMessage.isInstance(output)) return dataOf(output);
      if (!isDirectToolOutput(output)) return output;
      throw new core.ToolError(`${name} returned a command for the agent's graph, which code cannot carry out.`);
    },
  });
}

/** LangChain's runtime for a call that Python makes: that of the `runCode` call around it, with its own id and signal. */
function nested({ sessionId, runId = sessionId, callId = 0, signal, runContext }: core.ToolContext) {
  const { toolCall, ...outer } = Object(runContext) as Partial<RunCodeCall>;
  // An interrupt in there would take the answers meant for runCode: without a checkpointer it is an error.
  const own = { signal, configurable: { ...outer.configurable, __pregel_checkpointer: undefined } };
  return { ...outer, ...own, config: { ...outer.config, ...own }, toolCallId: `${toolCall?.id ?? runId}:${callId}` };
}

type Part = { type: string; [key: string]: unknown };

/** The data in a tool's message, read as a result of MCP. @throws ToolError when the message says that the tool failed */
function dataOf({ content, artifact, status }: ToolMessage): unknown {
  const parts: Part[] = Array.isArray(artifact) ? artifact.map(Object) : [];
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : (content as Part[]).map(toMcpPart);
  return core.unwrapMcpResult({
    content: [...blocks, ...parts.filter(({ type, resource }) => type === 'resource' && resource)],
    structuredContent: parts.find(({ type }) => type === 'mcp_structured_content')?.data,
    isError: status === 'error',
  });
}

function toMcpPart(block: Part): Part {
  const { type, data, text, mime_type, mimeType = mime_type, image_url } = block;
  const url = String(Reflect.get(Object(image_url), 'url') ?? image_url);
  const [, urlType, urlData] = /^data:([^;,]+);base64,(.*)$/su.exec(url) ?? [];
  if (urlData !== undefined) return { type: 'image', mimeType: urlType, data: urlData };
  if (['image', 'audio'].includes(type) && typeof data === 'string') return { type, mimeType, data };
  return { type: 'text', text: type === 'text' && typeof text === 'string' ? text : JSON.stringify(block) };
}

function invalid(message: string): core.CodeModeError {
  return new core.CodeModeError('invalid_options', message);
}
