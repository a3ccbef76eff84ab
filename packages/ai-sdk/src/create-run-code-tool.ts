import * as core from '@code-mode/core';
import type { Experimental_ToolCallerTool, ModelMessage, Tool, ToolSet } from 'ai';
import * as ai from 'ai';
import { isApproved } from './create-tool-approval.ts';
import { fromAiSdkTools } from './from-ai-sdk-tools.ts';

/** What the SDK knows of a call of `runCode`. */
export interface RunCodeCall {
  toolCallId: string;
  messages: ModelMessage[];
  /** From `toolsContext.runCode` of `generateText` or `streamText`. */
  context: unknown;
}

export interface RunCodeToolOptions extends core.CodeToolOptions<RunCodeCall> {
  /** What the tools that Python calls get as `context`, by tool name. @defaultValue the context of the `runCode` call */
  toolsContext?: Record<string, unknown>;
}

/** What an application may pass as `toolsContext.runCode`: the SDK takes none for a tool whose context has no type. */
type RunCodeContext = Record<string, unknown> | undefined;

type RunCodeSdkTool = Tool<core.RunCodeInput, core.RunCodeOutput, RunCodeContext>;

/** The `runCode` tool. Tools that `experimental_toolCallers` gives it are called from Python. */
export type RunCodeTool = Experimental_ToolCallerTool<RunCodeSdkTool>;

/**
 * Makes the AI SDK tool that runs a model's Python: in a session, or in the one that a pool has for the conversation of
 * `sessionKey`. Put it into `tools` under the name `runCode`.
 *
 * A program that fails is a result the model reads; only broken machinery throws. The description names the tools known
 * by then: `await session.tools.list()` first when sources such as MCP servers load them.
 */
export function createRunCodeTool(sessions: core.SessionOrPool, options: RunCodeToolOptions = {}): RunCodeTool {
  const { toolsContext = {} } = options;
  const codeTool = core.createCodeTool(sessions, options);
  const withTools = (source?: core.ToolSetSource): RunCodeSdkTool => {
    const [problem] = source?.problems() ?? [];
    if (problem) throw new core.CodeModeError('invalid_options', `Tool '${problem.subject}': ${problem.message}`);
    const loading = source?.tools() ?? [];
    let loaded = Array.isArray(loading) ? loading : [];
    // In a session of its own they are known from now on, so that a name that is taken shows at once.
    if (source && Array.isArray(loading) && !('acquire' in sessions)) sessions.tools.bind(source.name, loading);
    return {
      description: () => codeTool.description(loaded),
      inputSchema: ai.jsonSchema<core.RunCodeInput>(codeTool.inputSchema),
      async *execute(input, call) {
        loaded = await loading;
        const tools = source && { source: source.name, tools: loaded };
        // A yes to the call is a yes to what its run had paused with.
        const decisions = isApproved(call.toolCallId, call.messages) ? 'approve' : undefined;
        const options = { callId: call.toolCallId, call, tools, signal: call.abortSignal };
        const output = codeTool.hasBegun(input, options)
          ? yield* codeTool.streamStep(input, { ...options, decisions, phase: 'execute' })
          : yield* codeTool.stream(input, options);
        yield codeTool.toJson(output) as unknown as core.RunCodeOutput;
      },
      toModelOutput: ({ output }) => {
        const value = codeTool.toContent(output, ({ mediaType, data }) => ({
          type: 'file' as const,
          mediaType,
          data: { type: 'data' as const, data },
        }));
        return typeof value === 'string' ? { type: 'text', value } : { type: 'content', value };
      },
    };
  };
  let bound: { toolSet: ToolSet; tool: RunCodeSdkTool } | undefined;
  const bind = (toolSet: ToolSet) => {
    // The SDK binds the same tools before every step.
    if (!bound || !isSame(toolSet, bound.toolSet))
      bound = { toolSet, tool: withTools(fromAiSdkTools(toolSet, { toolsContext })) };
    return bound.tool;
  };
  // The seam is experimental: in a version without it the tool is a plain one.
  const toolCaller = ai.experimental_toolCaller as typeof ai.experimental_toolCaller | undefined;
  return toolCaller ? toolCaller(withTools(), { type: 'local', bind }) : (withTools() as RunCodeTool);
}

function isSame(a: ToolSet, b: ToolSet): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
