import * as core from '@code-mode/core';
import type { ToolsInput } from '@mastra/core/agent';
import { createTool, type ToolExecutionContext } from '@mastra/core/tools';
import { createRunCodeTool, type RunCodeTool, type RunCodeToolOptions, sessionKeyOf } from './create-run-code-tool.ts';
import { fromMastraTools } from './from-mastra-tools.ts';

export interface CreateCodeModeOptions
  extends Omit<core.CodeModeOptions<ToolExecutionContext>, 'tools'>,
    Omit<RunCodeToolOptions, keyof core.CodeModeOptions<ToolExecutionContext>> {
  /** What Python can call as `tools.…`: tools as an agent takes them, or a list of tools and sources of tools. */
  tools?: ToolsInput | Iterable<core.Tool | core.ToolSource>;
}

export interface CodeMode extends core.OpenCodeMode {
  /** For `tools` of an `Agent`. The extra tools are among them. */
  tools: { runCode: RunCodeTool };
}

/**
 * Makes the `runCode` tool and a session for each conversation. It returns at once, because a session starts Python on
 * first use.
 * @example
 * ```ts
 * await using codeMode = createCodeMode({ tools: { weather } });
 * const agent = new Agent({ id: 'a', name: 'A', model, instructions: codeMode.instructions, tools: codeMode.tools });
 * ```
 * @throws CodeModeError `invalid_options`
 */
export function createCodeMode(options: CreateCodeModeOptions = {}): CodeMode {
  const { tools = {}, onApproval } = options;
  const given = Symbol.iterator in tools ? tools : [fromMastraTools(tools)];
  const { codeMode, sessions, extraTools } = core.openCodeMode({
    sessionKey: sessionKeyOf,
    ...options,
    tools: given,
  });
  const extra = extraTools.map(({ name, description, inputSchema, execute }) => [
    name,
    createTool({
      id: name,
      description,
      inputSchema,
      execute: (input, call) => execute(input as Record<string, unknown>, call),
    }),
  ]);
  const runCode = createRunCodeTool(sessions, { suspend: onApproval === undefined, ...options });
  return { ...codeMode, tools: { ...Object.fromEntries(extra), runCode } };
}
