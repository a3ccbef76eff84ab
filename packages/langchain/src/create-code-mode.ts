import { type CodeModeOptions, type OpenCodeMode, openCodeMode } from '@code-mode/core';
import type { ToolRuntime } from '@langchain/core/tools';
import { createRunCodeTool, type RunCodeTool, threadOf } from './create-run-code-tool.ts';

export type CreateCodeModeOptions = CodeModeOptions<ToolRuntime>;

export interface CodeMode extends OpenCodeMode {
  /** For `tools` of `createAgent`. */
  tools: [RunCodeTool];
}

/**
 * Makes the `runCode` tool and a session for each conversation. It returns at once, because a session starts Python on
 * first use.
 * @throws CodeModeError `invalid_options`
 */
export function createCodeMode(options: CreateCodeModeOptions = {}): CodeMode {
  const { codeMode, sessions } = openCodeMode({ sessionKey: threadOf, ...options });
  return { ...codeMode, tools: [createRunCodeTool(sessions, options)] };
}
