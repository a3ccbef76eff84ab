import * as core from '@code-mode/core';
import { asSchema, jsonSchema, type Schema, type ToolExecutionOptions, type ToolSet } from 'ai';

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
  const entries = Object.entries(toolSet);
  return {
    name: 'ai-sdk',
    startsNothing: true,
    tools: () => whenAll(entries.filter(([, tool]) => tool.execute).map(([key, tool]) => convert(key, tool, options))),
    problems: () =>
      entries.flatMap(([subject, { execute, type }]) => {
        if (execute) return [];
        const why = type === 'provider' ? 'the model provider runs it' : 'it has no execute function';
        return [{ source: 'ai-sdk', subject, message: `Python cannot call it: ${why}.` }];
      }),
  };
}

function convert(key: string, tool: AiSdkTool, options: FromAiSdkToolsOptions): core.Tool | Promise<core.Tool> {
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
  const schemas = whenAll([schema.jsonSchema, ...(output ? [output] : [])]);
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
  const { sessionId, runId = sessionId, callId = 0, signal, runContext } = context;
  const outer = { toolCallId: runId, messages: [], context: undefined, ...(runContext as object | undefined) };
  return { ...outer, toolCallId: `${outer.toolCallId}:${callId}`, abortSignal: signal };
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

/** Whoever needs what loads hears of its failure. */
function whenAll<T>(values: (T | PromiseLike<T>)[]): T[] | Promise<T[]> {
  if (values.every((value) => typeof (value as Partial<PromiseLike<T>>).then !== 'function')) return values as T[];
  const loading = Promise.all(values);
  loading.catch(() => {});
  return loading;
}

function invalid(toolName: string, problem: string, cause: unknown): core.CodeModeError {
  return new core.CodeModeError('invalid_options', `Tool '${toolName}': ${problem}.`, { details: { toolName }, cause });
}
