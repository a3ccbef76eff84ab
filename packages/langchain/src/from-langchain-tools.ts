import * as core from '@code-mode/core';
import { isDirectToolOutput, ToolMessage } from '@langchain/core/messages/tool';
import type { ClientTool, ServerTool, StructuredToolInterface } from '@langchain/core/tools';
import { toJsonSchema } from '@langchain/core/utils/json_schema';
import type { InterruptOn, RunCodeCall } from './approval.ts';

/** What `tools` of `createAgent` takes. */
export type LangChainTool = ClientTool | ServerTool;

export interface FromLangChainToolsOptions extends core.NamingOptions {
  /** Tools whose calls wait for a person, by LangChain's name: `true`, or as in `humanInTheLoopMiddleware`. */
  interruptOn?: InterruptOn;
}

/**
 * Offers LangChain tools, also those of MCP servers, to Python as `tools.NAME(…)`. Python gets what a tool returns; of a
 * tool with an artifact it gets the content. `problems()` names those that Python cannot call.
 * @throws CodeModeError `invalid_options` when a schema cannot be offered, or `interruptOn` names none of the tools
 */
export function fromLangChainTools(
  tools: Iterable<LangChainTool>,
  options: FromLangChainToolsOptions = {},
): core.ToolSetSource {
  const given = [...tools];
  const ours = given.filter(isCallable);
  const unknown = Object.keys(options.interruptOn ?? {}).find((name) => !ours.some((tool) => tool.name === name));
  if (unknown !== undefined)
    throw new core.CodeModeError(
      'invalid_options',
      `interruptOn names '${unknown}', which is none of these LangChain tools: ${ours.map(({ name }) => name).join(', ') || 'none'}.`,
    );
  const converted = ours.map((tool) => convert(tool, options));
  return {
    name: 'langchain',
    startsNothing: true,
    tools: () => converted,
    problems: () =>
      given
        .filter((tool) => !isCallable(tool))
        .map((tool) => ({
          source: 'langchain',
          subject: String(tool.name ?? Reflect.get(tool, 'type')),
          message: 'Python cannot call it: the model provider runs it.',
        })),
  };
}

function isCallable(tool: LangChainTool): tool is StructuredToolInterface {
  return typeof tool.invoke === 'function' && typeof tool.name === 'string';
}

function convert(tool: StructuredToolInterface, options: FromLangChainToolsOptions): core.Tool {
  const { name, description, metadata } = tool as StructuredToolInterface & { metadata?: Record<string, unknown> };
  const { interruptOn = {} } = options;
  const gate = Object.hasOwn(interruptOn, name) ? interruptOn[name] : undefined;
  return core.defineTool<Record<string, unknown>>({
    name: core.nameInSession(name, options),
    description,
    input: inputOf(tool) as core.JsonSchema,
    annotations: core.fromMcpAnnotations(metadata?.annotations),
    ...(gate && {
      needsApproval: async (args: Record<string, unknown>, context: core.ToolContext) => {
        if (gate === true || !gate.when) return true;
        const { toolCallId: id, ...runtime } = nested(context);
        const toolCall = { type: 'tool_call' as const, id, name, args };
        return await gate.when({ toolCall, tool: undefined, state: runtime.state as never, runtime: runtime as never });
      },
    }),
    execute: async (args, context) => {
      const config = nested(context);
      // Only with a whole call does such a tool tell its artifact, in which MCP's structured content is.
      const hasArtifact = (tool as { responseFormat?: string }).responseFormat === 'content_and_artifact';
      const input = hasArtifact ? { type: 'tool_call' as const, id: config.toolCallId, name, args } : args;
      const output: unknown = await tool.invoke(input, config);
      if (ToolMessage.isInstance(output)) return dataOf(output);
      if (isDirectToolOutput(output))
        throw new core.ToolError(`${name} returned a command for the agent's graph, which code cannot carry out.`);
      return output;
    },
  });
}

/** The tool parses what it gets itself, so a schema that transforms must not do so twice. */
function inputOf({ schema }: StructuredToolInterface): unknown {
  const json = toJsonSchema(schema);
  if (!('~standard' in schema)) return json;
  const { validate } = schema['~standard'];
  return {
    '~standard': {
      version: 1,
      vendor: 'langchain',
      jsonSchema: { input: () => json, output: () => json },
      validate: async (value: unknown) => {
        const { issues } = await validate(value);
        return issues ? { issues } : { value };
      },
    },
  };
}

/** LangChain's runtime for a call that Python makes: that of the `runCode` call around it, with its own id and signal. */
function nested({ sessionId, runId = sessionId, callId = 0, signal, runContext }: core.ToolContext) {
  const { toolCall, ...outer } = Object(runContext) as Partial<RunCodeCall>;
  // An interrupt in here would take the answers that are meant for runCode. Without a checkpointer it is an error.
  const own = { signal, configurable: { ...outer.configurable, __pregel_checkpointer: undefined } };
  const interrupt = () => {
    throw new core.ToolError('A tool that Python calls cannot interrupt the graph: name it in `interruptOn`.');
  };
  const toolCallId = `${toolCall?.id ?? runId}:${callId}`;
  return { ...outer, ...own, interrupt, toolCallId, config: { ...outer.config, ...own } };
}

type Part = { type: string; [key: string]: unknown };

/** The data in a message of a tool, as in a result of MCP. @throws ToolError when the message says that the tool failed */
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
  const { type, data, mime_type, mimeType = mime_type, image_url, text } = block;
  const { url = image_url } = Object(image_url) as { url?: unknown };
  const [, urlType, urlData] = /^data:([^;,]+);base64,(.*)$/su.exec(String(url)) ?? [];
  if (type === 'image_url' && urlData !== undefined) return { type: 'image', mimeType: urlType, data: urlData };
  if ((type === 'image' || type === 'audio') && typeof data === 'string') return { type, mimeType, data };
  if (type === 'text' && typeof text === 'string') return { type, text };
  if (type === 'file' && typeof data === 'string') return { type: 'resource', resource: { blob: data } };
  if (type === 'file' && typeof text === 'string') return { type: 'resource', resource: { text } };
  // As data.
  return { type: 'text', text: JSON.stringify(block) };
}
