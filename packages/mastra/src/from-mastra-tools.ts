import * as core from '@code-mode/core';
import type { ToolsInput } from '@mastra/core/agent';
import { standardSchemaToJSONSchema, toStandardSchema } from '@mastra/core/schema';
import { isValidationError, isVercelTool, type ToolExecutionContext } from '@mastra/core/tools';

/** What is read of a tool, whichever kind it is: Mastra's, an MCP client's, the AI SDK's. */
interface AnyTool {
  type?: string;
  description?: string;
  inputSchema?: Schema;
  /** The `inputSchema` of AI SDK 4. */
  parameters?: Schema;
  outputSchema?: Schema;
  requireApproval?: Gate;
  needsApprovalFn?: Gate;
  needsApproval?: Gate;
  mcp?: { annotations?: unknown };
  mcpMetadata?: unknown;
  execute?(input: unknown, context: unknown): unknown;
}

type Schema = Parameters<typeof toStandardSchema>[0];
type Gate = boolean | ((input: unknown, context: unknown) => unknown);

/**
 * Offers the tools of an agent, or of an `MCPClient`, to Python as `tools.KEY(…)`. A tool that requires approval waits for
 * it. `problems()` names those that Python cannot call.
 * @throws CodeModeError `invalid_options` from `tools()`
 */
export function fromMastraTools(tools: ToolsInput, options: core.NamingOptions = {}): core.ToolSetSource {
  return core.toolSetSource({
    name: 'mastra',
    items: Object.entries(tools as Record<string, AnyTool>),
    convert: (tool, key) => convert(tool, key, options),
    obstacle: ({ execute, type = '' }) => {
      if (execute) return undefined;
      return type.startsWith('provider') ? 'the model provider runs it' : 'it has no execute function';
    },
  });
}

function convert(tool: AnyTool, key: string, options: core.NamingOptions): core.Tool {
  const name = core.nameInSession(key, options);
  const { description = '', inputSchema = tool.parameters, outputSchema, mcp, mcpMetadata } = tool;
  const isAiSdkTool = isVercelTool(tool as never);
  const gate = tool.needsApprovalFn || tool.needsApproval || tool.requireApproval;
  const { validate, ...converted } = core.defineTool<Record<string, unknown>>({
    name,
    description,
    ...(inputSchema !== undefined && { input: toStandardSchema(inputSchema) as never }),
    ...(outputSchema !== undefined && {
      output: { ...standardSchemaToJSONSchema(toStandardSchema(outputSchema), { io: 'output' }) },
    }),
    annotations: core.fromMcpAnnotations(mcp?.annotations),
    ...(gate && { needsApproval: async (args, context) => gate === true || !!(await gate(args, askedOf(context))) }),
    execute: async (args, context) => {
      const call = nestedCall(context);
      const result = await core.lastValue(tool.execute?.(args, isAiSdkTool ? { ...call, ...call.agent } : call));
      // Mastra returns what arguments or output break in the schema.
      if (isValidationError(result as never)) {
        const { message, validationErrors } = result as { message: string; validationErrors: core.JsonValue };
        throw new core.ToolError(message, validationErrors);
      }
      return mcp || mcpMetadata ? core.unwrapMcpResult(result) : result;
    },
  });
  if (!validate) return converted;
  // A tool of Mastra validates again, so it gets the arguments as they were; but nobody is asked about wrong ones.
  const check = async (input: Record<string, unknown>): Promise<core.ValidationResult> => {
    const result = await validate(input);
    return result.ok ? { ok: true, input } : result;
  };
  return { ...converted, validate: isAiSdkTool ? validate : check };
}

/** Mastra's context of a nested call: that of the `runCode` call around it, with its own id and signal. */
function nestedCall(context: core.ToolContext) {
  const { toolName, signal } = context;
  const call = Object(context.runContext) as Partial<ToolExecutionContext>;
  const suspend = (): never => {
    const instead = 'Give it `requireApproval` instead, or let the model call it.';
    throw new core.ToolError(`${toolName} suspends, which a tool cannot do when Python calls it. ${instead}`);
  };
  // A resume of runCode is none of the tool's.
  const fresh = { suspend, resumeData: undefined, suspendPayload: undefined };
  const toolCallId = core.nestedCallId(context, call.agent?.toolCallId);
  const agent = { agentId: '', messages: [], ...call.agent, ...fresh, toolCallId };
  return { observe: SILENT, ...call, ...fresh, agent, workflow: undefined, abortSignal: signal };
}

const SILENT: ToolExecutionContext['observe'] = { span: async (_, run) => run(), log: () => {} };

/** What Mastra tells a gate, and what the AI SDK tells one. */
function askedOf(context: core.ToolContext): object {
  const { agent, requestContext, workspace } = nestedCall(context);
  return { ...agent, requestContext: Object.fromEntries(requestContext?.entries() ?? []), workspace };
}
