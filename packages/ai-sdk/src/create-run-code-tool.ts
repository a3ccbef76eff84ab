import {
  type CodeToolOptions,
  createCodeTool,
  type RunCodeInput,
  type RunProgress,
  type RunResult,
  type Session,
} from '@code-mode/core';
import type { Experimental_ToolCallerTool, Tool, ToolSet } from 'ai';
import * as ai from 'ai';
import { fromAiSdkTools } from './from-ai-sdk-tools.ts';

export interface RunCodeToolOptions extends CodeToolOptions {
  /** Time Python may compute in one call, in ms. @defaultValue `limits.timeoutMs` of the session */
  timeoutMs?: number;
  /** What the tools that Python calls get as `context`, by tool name. @defaultValue the context of the `runCode` call */
  toolsContext?: Record<string, unknown>;
}

/** While the program runs, what it has printed so far; in the end, the whole result. JSON in both cases. */
export type RunCodeOutput = RunProgress | RunResult;

/** The `runCode` tool. Tools that `experimental_toolCallers` gives it are called from Python. */
export type RunCodeTool = Experimental_ToolCallerTool<Tool<RunCodeInput, RunCodeOutput>>;

/**
 * Makes the AI SDK tool that runs a model's Python in a session. Put it into `tools` under the name `runCode`.
 *
 * A program that fails is a result the model reads; only broken machinery throws. The description names the tools known
 * by then: `await session.tools.list()` first when sources such as MCP servers load them.
 */
export function createRunCodeTool(session: Session, options: RunCodeToolOptions = {}): RunCodeTool {
  const codeTool = createCodeTool(session, options);
  const tool: Tool<RunCodeInput, RunCodeOutput> = {
    description: () => codeTool.description(),
    inputSchema: ai.jsonSchema<RunCodeInput>(codeTool.inputSchema),
    async *execute(input, call) {
      await ready;
      const { timeoutMs } = options;
      const result = yield* codeTool.stream(input, { timeoutMs, signal: call.abortSignal, context: call });
      yield codeTool.toJson(result) as unknown as RunResult;
    },
    toModelOutput: ({ output }) => {
      // Of a call that was cut off, a snapshot is all that is left.
      if (output.status === 'running')
        return { type: 'text', value: `${output.stdout}${output.stderr}[The run did not end.]` };
      const text = codeTool.toText(output);
      const images = codeTool.images(output);
      if (images.length === 0) return { type: 'text', value: text };
      const files = images.map(({ mediaType, data }) => ({
        type: 'file' as const,
        mediaType,
        data: { type: 'data' as const, data },
      }));
      return { type: 'content', value: [{ type: 'text', text }, ...files] };
    },
  };
  let bound: ToolSet = {};
  let ready: Promise<void> | undefined;
  const bind = (toolSet: ToolSet) => {
    if (isSame(toolSet, bound)) return tool;
    const source = fromAiSdkTools(toolSet, { toolsContext: options.toolsContext ?? {}, skip: false });
    const tools = source.tools();
    if (Array.isArray(tools)) session.tools.bind(source.name, tools);
    else ready = tools.then((loaded) => session.tools.bind(source.name, loaded));
    ready?.catch(() => {});
    bound = toolSet;
    return tool;
  };
  // The seam is experimental: in a version without it the tool is a plain one.
  const toolCaller = ai.experimental_toolCaller as typeof ai.experimental_toolCaller | undefined;
  return toolCaller ? toolCaller(tool, { type: 'local', bind }) : (tool as RunCodeTool);
}

/** The SDK binds the same tools before every step. */
function isSame(a: ToolSet, b: ToolSet): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
