import * as core from '@code-mode/core';
import { jsonSchema, type ToolSet } from 'ai';
import {
  createRunCodeTool,
  type RunCodeCall,
  type RunCodeTool,
  type RunCodeToolOptions,
} from './create-run-code-tool.ts';
import { createToolApproval, type RunCodeApproval } from './create-tool-approval.ts';
import { fromAiSdkTools } from './from-ai-sdk-tools.ts';

export interface CreateCodeModeOptions extends Omit<core.CodeModeOptions<RunCodeCall>, 'tools'>, RunCodeToolOptions {
  /** What Python can call as `tools.…`: an AI SDK tool set, or a list of tools and sources of tools. */
  tools?: ToolSet | Iterable<core.Tool | core.ToolSource>;
}

export interface CodeMode extends core.OpenCodeMode {
  /** For `tools` of `generateText`, `streamText` or an agent. The extra tools are among them. */
  tools: { runCode: RunCodeTool };
  /** For `toolApproval` of the same: the SDK asks for the calls that Python makes. Without it `onApproval` is asked. */
  toolApproval: { runCode: RunCodeApproval };
}

/**
 * Makes the `runCode` tool with one session, for one conversation; with `sessionKey`, a session for each. It returns at
 * once, because a session starts Python on first use.
 * @example
 * ```ts
 * await using codeMode = createCodeMode({ tools: { weather } });
 * const { tools, instructions } = codeMode;
 * await generateText({ model, tools, instructions, prompt, stopWhen: isStepCount(10) });
 * ```
 * @throws CodeModeError `invalid_options`
 */
export function createCodeMode(options: CreateCodeModeOptions = {}): CodeMode {
  const { tools = {}, toolsContext = {} } = options;
  const given = Symbol.iterator in tools ? tools : [fromAiSdkTools(tools, { toolsContext })];
  const { codeMode, sessions, extraTools } = core.openCodeMode({ ...options, tools: given });
  const extra = extraTools.map((tool) => [tool.name, { ...tool, inputSchema: jsonSchema(tool.inputSchema) }]);
  return {
    ...codeMode,
    tools: { ...Object.fromEntries(extra), runCode: createRunCodeTool(sessions, options) },
    toolApproval: { runCode: createToolApproval(sessions, options) },
  };
}
