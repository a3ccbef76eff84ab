import * as core from '@code-mode/core';
import { type FunctionTool, type MCPServer, RunContext, type Tool, tool } from '@openai/agents';
import { createRunCodeTool, type RunCodeTool, type RunCodeToolOptions } from './create-run-code-tool.ts';
import { fromOpenAIAgentsTools } from './from-openai-agents-tools.ts';
import { type RunCodeCall, sessionKeyOf, toCall } from './run-code-call.ts';

export interface CreateCodeModeOptions extends Omit<core.CodeModeOptions<RunCodeCall>, 'tools'>, RunCodeToolOptions {
  /** What Python can call as `tools.…`: tools as an agent takes them, and other tools and sources of tools. */
  tools?: Iterable<Tool | core.Tool | core.ToolSource>;
  /** MCP servers as an agent takes them, connected; they are yours to close. */
  mcpServers?: MCPServer[];
}

export interface CodeMode extends core.OpenCodeMode {
  /** For `tools` of an `Agent`: `runCode`, and the extra tools. */
  tools: [RunCodeTool, ...FunctionTool<unknown, core.RunCodeSchema>[]];
}

/**
 * Makes the `runCode` tool and a session for each conversation. It returns at once, because a session starts Python on
 * first use.
 * @example
 * ```ts
 * await using codeMode = createCodeMode({ tools: [weather] });
 * const agent = new Agent({ name: 'a', instructions: codeMode.instructions, tools: codeMode.tools });
 * ```
 * @throws CodeModeError `invalid_options`
 */
export function createCodeMode(options: CreateCodeModeOptions = {}): CodeMode {
  const servers = (options.mcpServers ?? []).map((server) => fromOpenAIAgentsTools([server]));
  const tools = [...core.adoptTools(options.tools ?? [], fromOpenAIAgentsTools), ...servers];
  const { codeMode, sessions, extraTools } = core.openCodeMode({ sessionKey: sessionKeyOf, ...options, tools });
  const extra = extraTools.map(({ inputSchema, execute, ...about }) =>
    tool({
      ...about,
      parameters: { required: [], ...inputSchema } as unknown as core.RunCodeSchema,
      strict: true,
      errorFunction: (_runContext, error) => core.messageOf(error),
      execute: (input, runContext = new RunContext(), details) =>
        execute(input as Record<string, unknown>, toCall(runContext, details)),
    }),
  );
  const runCode = createRunCodeTool(sessions, { interrupt: options.onApproval === undefined, ...options });
  return { ...codeMode, tools: [runCode, ...extra] };
}
