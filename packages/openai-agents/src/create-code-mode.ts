import {
  type CodeModeOptions,
  type Tool as CoreTool,
  type OpenCodeMode,
  openCodeMode,
  type RunCodeSchema,
  type ToolSource,
} from '@code-mode/core';
import { type FunctionTool, type MCPServer, RunContext, type Tool, tool } from '@openai/agents';
import {
  conversationOf,
  createRunCodeTool,
  messageOf,
  type RunCodeCall,
  type RunCodeTool,
  type RunCodeToolOptions,
  toCall,
} from './create-run-code-tool.ts';
import { fromOpenAIAgentsTools } from './from-openai-agents-tools.ts';

export interface CreateCodeModeOptions extends Omit<CodeModeOptions<RunCodeCall>, 'tools'>, RunCodeToolOptions {
  /** What Python can call as `tools.…`: tools as an agent takes them, and other tools and sources of tools. */
  tools?: Iterable<Tool | CoreTool | ToolSource>;
  /** MCP servers as an agent takes them, connected; they are yours to close. */
  mcpServers?: MCPServer[];
}

export interface CodeMode extends OpenCodeMode {
  /** For `tools` of an `Agent`: `runCode`, and the extra tools. */
  tools: [RunCodeTool, ...FunctionTool<unknown, RunCodeSchema>[]];
}

/**
 * Makes the `runCode` tool and a session for each conversation. It returns at once, because a session starts Python on
 * first use.
 * @example
 * ```ts
 * await using codeMode = createCodeMode({ tools: [weather] });
 * const { instructions, tools } = codeMode;
 * const agent = new Agent({ name: 'assistant', instructions, tools });
 * ```
 * @throws CodeModeError `invalid_options`
 */
export function createCodeMode(options: CreateCodeModeOptions = {}): CodeMode {
  const { mcpServers = [], onApproval, sessionKey = conversationOf } = options;
  const given = [...(options.tools ?? [])];
  const tools = [
    ...given.filter((item): item is CoreTool | ToolSource => !('type' in item)),
    fromOpenAIAgentsTools(given.filter((item): item is Tool => 'type' in item)),
    ...mcpServers.map((server) => fromOpenAIAgentsTools([server])),
  ];
  const { codeMode, sessions, extraTools } = openCodeMode({ ...options, sessionKey, tools });
  const extra = extraTools.map(({ name, description, inputSchema, execute }) =>
    tool({
      name,
      description,
      parameters: { required: [], ...inputSchema } as unknown as RunCodeSchema,
      strict: true,
      errorFunction: messageOf,
      execute: (input, runContext = new RunContext(), details) =>
        execute(input as Record<string, unknown>, toCall(runContext, details)),
    }),
  );
  const runCode = createRunCodeTool(sessions, { interrupt: onApproval === undefined, ...options });
  return { ...codeMode, tools: [runCode, ...extra] };
}
