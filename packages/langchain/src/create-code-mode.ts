import { type CodeModeOptions, type OpenCodeMode, openCodeMode, type Tool, type ToolSource } from '@code-mode/core';
import { type DynamicStructuredTool, tool } from '@langchain/core/tools';
import type { InterruptOn, RunCodeCall } from './approval.ts';
import { createRunCodeTool, type RunCodeTool, safely, threadOf } from './create-run-code-tool.ts';
import { fromLangChainTools, type LangChainTool } from './from-langchain-tools.ts';

export interface CreateCodeModeOptions extends Omit<CodeModeOptions<RunCodeCall>, 'tools'> {
  /** What Python can call as `tools.…`: LangChain tools, and tools and sources of tools of `@code-mode/core`. */
  tools?: Iterable<LangChainTool | Tool | ToolSource>;
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
  const ours = given.filter(isOurs);
  const theirs = fromLangChainTools(
    given.filter((item): item is LangChainTool => !isOurs(item)),
    options,
  );
  const parts = openCodeMode({ sessionKey: threadOf, ...options, tools: [theirs, ...ours] });
  const extra = parts.extraTools.map(({ name, description, inputSchema, execute }) =>
    tool(safely(name, execute), { name, description, schema: inputSchema }),
  ) as DynamicStructuredTool[];
  return { ...parts.codeMode, tools: [createRunCodeTool(parts.sessions, options), ...extra] };
}

function isOurs(item: LangChainTool | Tool | ToolSource): item is Tool | ToolSource {
  return typeof Reflect.get(item, 'execute') === 'function' || typeof Reflect.get(item, 'tools') === 'function';
}
