import * as core from '@code-mode/core';
import { type ClientTool, type DynamicStructuredTool, tool } from '@langchain/core/tools';
import { answering, createRunCodeTool, type RunCodeTool, type RunCodeToolOptions } from './create-run-code-tool.ts';
import { fromLangChainTools } from './from-langchain-tools.ts';
import { type RunCodeCall, sessionKeyOf } from './run-code-call.ts';

export interface CreateCodeModeOptions extends Omit<core.CodeModeOptions<RunCodeCall>, 'tools'>, RunCodeToolOptions {
  /** What Python can call as `tools.…`: LangChain tools, and tools and sources of tools of `@code-mode/core`. */
  tools?: Iterable<ClientTool | core.Tool | core.ToolSource>;
}

export interface CodeMode extends core.OpenCodeMode {
  /** For `tools` of `createAgent`. The extra tools come after `runCode`. */
  tools: [RunCodeTool, ...DynamicStructuredTool[]];
}

/**
 * Makes the `runCode` tool and a session for each conversation. It returns at once, because a session starts Python on
 * first use.
 * @example
 * ```ts
 * await using codeMode = createCodeMode({ tools: [weather] });
 * const agent = createAgent({ model, tools: codeMode.tools, systemPrompt: codeMode.instructions });
 * ```
 * @throws CodeModeError `invalid_options`
 */
export function createCodeMode(options: CreateCodeModeOptions = {}): CodeMode {
  const tools = core.adoptTools(options.tools ?? [], (theirs) => fromLangChainTools(theirs, options));
  const { codeMode, sessions, extraTools } = core.openCodeMode({ sessionKey: sessionKeyOf, ...options, tools });
  const extra = extraTools.map(({ name, description, inputSchema: schema, execute }) => {
    const answer = async (input: Record<string, unknown>, call: RunCodeCall) => ({
      content: await execute(input, call),
    });
    return tool(answering(name, answer), { name, description, schema }) as DynamicStructuredTool;
  });
  const runCode = createRunCodeTool(sessions, { interrupt: options.onApproval === undefined, ...options });
  return { ...codeMode, tools: [runCode, ...extra] };
}
