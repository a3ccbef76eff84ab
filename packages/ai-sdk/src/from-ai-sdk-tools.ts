import type { Tool, ToolContext, ToolSource } from '@code-mode/core';
import * as core from '@code-mode/core';
import { asSchema, jsonSchema, type Schema, type ToolExecutionOptions, type ToolSet } from 'ai';

export interface FromAiSdkToolsOptions {
  /** Group in Python: with `github`, the tool `search` is `tools.github.search`. @defaultValue no group */
  prefix?: string;
  /** What a tool gets as `context`, by its key in the tool set. @defaultValue the context of the `runCode` call */
  toolsContext?: Record<string, unknown>;
  /** Leaves out tools that Python cannot call and lists them in `skipped`; with `false` they are an error. @defaultValue true */
  skip?: boolean;
}

/** The tools of a tool set: at once, unless one of its schemas loads asynchronously. */
export interface AiSdkToolSource extends ToolSource {
  tools(): Tool[] | Promise<Tool[]>;
  /** Tools that Python does not get. */
  readonly skipped: readonly SkippedTool[];
}

export interface SkippedTool {
  name: string;
  reason: string;
}

type AiSdkTool = ToolSet[string];

/**
 * Offers the tools of an AI SDK tool set, also of an MCP client, to Python as `tools.KEY(…)`. Arguments are validated by
 * the tool's schema; a tool with `needsApproval` waits for an approval.
 * @throws CodeModeError `invalid_options`, here or from `tools()`
 */
export function fromAiSdkTools(toolSet: ToolSet, options: FromAiSdkToolsOptions = {}): AiSdkToolSource {
  const entries = Object.entries(toolSet);
  const skipped = entries.flatMap(([name, { execute, type }]): SkippedTool[] => {
    if (execute) return [];
    return [{ name, reason: type === 'provider' ? 'the model provider runs it' : 'it has no execute function' }];
  });
  const [first] = skipped;
  if (first && options.skip === false) throw invalid(first.name, `Python cannot call it: ${first.reason}`);
  return {
    name: 'ai-sdk',
    skipped,
    tools: () => {
      const tools = entries.filter(([, { execute }]) => execute).map(([key, tool]) => convert(key, tool, options));
      if (settled(tools)) return tools;
      const loading = Promise.all(tools);
      // Whoever needs the tools hears of it.
      loading.catch(() => {});
      return loading;
    },
  };
}

function convert(key: string, tool: AiSdkTool, options: FromAiSdkToolsOptions): Tool | Promise<Tool> {
  const name = options.prefix === undefined ? key : `${options.prefix}.${key}`;
  const { toolsContext = {} } = options;
  const { needsApproval } = tool;
  const callOptions = async (context: ToolContext): Promise<ToolExecutionOptions<never>> => {
    const call = nestedCall(context);
    const given = Object.hasOwn(toolsContext, key) ? toolsContext[key] : call.context;
    return { ...call, context: (await checkContext(name, tool, given)) as never };
  };
  const schema = inputSchemaOf(name, tool);
  const define = ([input, output]: Awaited<Schema['jsonSchema']>[]): Tool =>
    core.defineTool<Record<string, unknown>>({
      name,
      description: descriptionOf(tool, toolsContext[key]),
      input: jsonSchema<Record<string, unknown>>(input ?? {}, schema),
      ...(output && { output: jsonSchema(output) }),
      annotations: core.fromMcpAnnotations(tool.metadata?.annotations),
      ...(needsApproval && {
        needsApproval: async (args: Record<string, unknown>, context: ToolContext) =>
          needsApproval === true || needsApproval(args, await callOptions(context)),
      }),
      execute: async (args, context) => {
        const result = await lastOf(tool.execute?.(args as never, await callOptions(context)));
        return tool.type === 'dynamic' ? core.unwrapMcpResult(result) : result;
      },
    });
  const schemas = [schema.jsonSchema, ...outputSchemaOf(tool)];
  return settled(schemas) ? define(schemas) : Promise.all(schemas).then(define);
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

/** An output schema is a type for TypeScript first: one that JSON Schema cannot say is left out. */
function outputSchemaOf({ outputSchema }: AiSdkTool): Schema['jsonSchema'][] {
  try {
    return outputSchema ? [asSchema(outputSchema).jsonSchema] : [];
  } catch {
    return [];
  }
}

/** A description may need a context that is not there yet. */
function descriptionOf({ description = '' }: AiSdkTool, context: unknown): string {
  try {
    return typeof description === 'string' ? description : description({ context });
  } catch {
    return '';
  }
}

/** The SDK's options of a nested call: those of the `runCode` call around it, with its own id and signal. */
function nestedCall(context: ToolContext): ToolExecutionOptions<unknown> {
  const { sessionId, runId = sessionId, callId = 0, signal, runContext } = context;
  const outer = { toolCallId: runId, messages: [], context: undefined, ...(runContext as object | undefined) };
  return { ...outer, toolCallId: `${outer.toolCallId}:${callId}`, abortSignal: signal };
}

async function checkContext(name: string, { contextSchema }: AiSdkTool, context: unknown): Promise<unknown> {
  const checked = contextSchema && (await asSchema(contextSchema).validate?.(context));
  if (!checked) return context;
  if (checked.success) return checked.value;
  throw invalid(name, 'it did not get the context it needs; the host passes it in `toolsContext`', checked.error);
}

/** The one result, or the last of a stream of results. */
async function lastOf(result: unknown): Promise<unknown> {
  if (!(Symbol.asyncIterator in Object(result))) return result;
  let last: unknown;
  for await (const value of result as AsyncIterable<unknown>) last = value;
  return last;
}

function settled<T>(values: (T | PromiseLike<T>)[]): values is T[] {
  return values.every((value) => typeof (value as Partial<PromiseLike<T>>).then !== 'function');
}

function invalid(name: string, problem: string, cause?: unknown): core.CodeModeError {
  return new core.CodeModeError('invalid_options', `Tool '${name}': ${problem}.`, {
    details: { toolName: name },
    cause,
  });
}
