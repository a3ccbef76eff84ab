import { type CodeModeOptions, type OpenCodeMode, openCodeMode, type Tool, type ToolSource } from '@code-mode/core';
import { type ClientTool, type DynamicStructuredTool, tool } from '@langchain/core/tools';
import type { InterruptOn, RunCodeCall } from './approval.ts';
import {
  answering,
  createRunCodeTool,
  type RunCodeTool,
  type RunCodeToolOptions,
  threadOf,
} from './create-run-code-tool.ts';
import { fromLangChainTools } from './from-langchain-tools.ts';

export interface CreateCodeModeOptions extends Omit<CodeModeOptions<RunCodeCall>, 'tools'>, RunCodeToolOptions {
  /** What Python can call as `tools.…`: LangChain tools, and tools and sources of tools of `@code-mode/core`. */
  tools?: Iterable<ClientTool | Tool | ToolSource>;
  /** LangChain tools whose calls wait for a person: `true`, or as in LangChain's `humanInTheLoopMiddleware`. */
  interruptOn?: InterruptOn;
}

export interface CodeMode extends OpenCodeMode {
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
  const given = [...(options.tools ?? [])];
  const theirs = given.filter((item): item is ClientTool => !isOurs(item));
  const tools = [fromLangChainTools(theirs, options), ...given.filter(isOurs)];
  const { codeMode, sessions, extraTools } = openCodeMode({ sessionKey: threadOf, ...options, tools });
  const extra = extraTools.map(({ name, description, inputSchema: schema, execute }) => {
    const answer = async (input: Record<string, unknown>, call: RunCodeCall) => ({
      content: await execute(input, call),
    });
    return tool(answering(name, answer), { name, description, schema }) as DynamicStructuredTool;
  });
  const runCode = createRunCodeTool(sessions, { interrupt: options.onApproval === undefined, ...options });
  return { ...codeMode, tools: [runCode, ...extra] };
}

function isOurs(item: ClientTool | Tool | ToolSource): item is Tool | ToolSource {
  return 'execute' in item || 'tools' in item;
}
