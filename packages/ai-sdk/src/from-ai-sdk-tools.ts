import * as core from '@code-mode/core';
import { asSchema, jsonSchema, type Schema, type ToolExecutionOptions, type ToolSet } from 'ai';
import type { RunCodeCall } from './create-run-code-tool.ts';

export interface FromAiSdkToolsOptions extends core.NamingOptions {
  /** What a tool gets as `context`, by its key in the tool set. @defaultValue the context of the `runCode` call */
  toolsContext?: Record<string, unknown>;
}

type AiSdkTool = ToolSet[string];

/**
 * Offers the tools of an AI SDK tool set, also of an MCP client, to Python as `tools.KEY(…)`. Arguments are validated by
 * the tool's schema; a tool with `needsApproval` waits for an approval. `problems()` names those that Python cannot call.
 * @throws CodeModeError `invalid_options` from `tools()`
 */
export function fromAiSdkTools(toolSet: ToolSet, options: FromAiSdkToolsOptions = {}): core.ToolSetSource {
  return core.toolSetSource({
    name: 'ai-sdk',
    items: Object.entries(toolSet),
    convert: (tool, key) => convert(tool, key, options),
    obstacle: ({ execute, type }) => {
      if (execute) return undefined;
      return type === 'provider' ? 'the model provider runs it' : 'it has no execute function';
    },
  });
}

function convert(tool: AiSdkTool, key: string, options: FromAiSdkToolsOptions): core.Tool | Promise<core.Tool> {
  const name = core.nameInSession(key, options);
  const { toolsContext = {} } = options;
  const { needsApproval, outputSchema, description: about = '' } = tool;
  const callOptions = async (context: core.ToolContext): Promise<ToolExecutionOptions<never>> => {
    const call = nestedCall(context);
    const given = Object.hasOwn(toolsContext, key) ? toolsContext[key] : call.context;
    return { ...call, context: (await checkContext(name, tool, given)) as never };
  };
  const schema = inputSchemaOf(name, tool);
  const define = ([input, output]: Awaited<Schema['jsonSchema']>[]): core.Tool =>
    core.defineTool<Record<string, unknown>>({
      name,
      // It may need a context that is not there yet.
      description: attempt(() => (typeof about === 'string' ? about : about({ context: toolsContext[key] }))) ?? '',
      input: jsonSchema<Record<string, unknown>>(input ?? {}, schema),
      ...(output && { output: jsonSchema(output) }),
      annotations: core.fromMcpAnnotations(tool.metadata?.annotations),
      ...(needsApproval && {
        needsApproval: async (args: Record<string, unknown>, context: core.ToolContext) =>
          needsApproval === true || needsApproval(args, await callOptions(context)),
      }),
      execute: async (args, context) => {
        const result = await core.lastValue(tool.execute?.(args as never, await callOptions(context)));
        return tool.type === 'dynamic' ? core.unwrapMcpResult(result) : result;
      },
    });
  // An output schema is a type for TypeScript first: one that JSON Schema cannot say is left out.
  const output = attempt(() => outputSchema && asSchema(outputSchema).jsonSchema);
  const schemas = core.whenAll([schema.jsonSchema, ...(output ? [output] : [])]);
  return Array.isArray(schemas) ? define(schemas) : schemas.then(define);
}

function inputSchemaOf(name: string, { inputSchema }: AiSdkTool): Schema<Record<string, unknown>> {
  try {
    const schema = asSchema(inputSchema);
    void schema.jsonSchema;
    return schema;
  } catch (cause) {
    throw invalid(name, `its input schema cannot become a JSON Schema (${String(cause)})`, cause);
  }
}

/** The SDK's options of a nested call: those of the `runCode` call around it, with its own id and signal. */
function nestedCall(context: core.ToolContext): ToolExecutionOptions<unknown> {
  const outer = Object(context.runContext) as Partial<RunCodeCall>;
  const toolCallId = core.nestedCallId(context, outer.toolCallId);
  return { messages: [], context: undefined, ...outer, toolCallId, abortSignal: context.signal };
}

async function checkContext(name: string, { contextSchema }: AiSdkTool, context: unknown): Promise<unknown> {
  const checked = contextSchema && (await asSchema(contextSchema).validate?.(context));
  if (checked?.success === false)
    throw invalid(name, 'it did not get the context it needs; the host passes it in `toolsContext`', checked.error);
  return checked ? checked.value : context;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function invalid(toolName: string, problem: string, cause: unknown): core.CodeModeError {
  return new core.CodeModeError('invalid_options', `Tool '${toolName}': ${problem}.`, { details: { toolName }, cause });
}
