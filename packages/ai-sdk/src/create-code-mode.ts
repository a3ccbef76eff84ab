import { createCodeTool, Session, type SessionOptions, type Tool, type ToolSource } from '@code-mode/core';
import type { ToolSet } from 'ai';
import { createRunCodeTool, type RunCodeTool, type RunCodeToolOptions } from './create-run-code-tool.ts';
import { type AiSdkToolSource, fromAiSdkTools, type SkippedTool } from './from-ai-sdk-tools.ts';

export interface CreateCodeModeOptions extends Omit<SessionOptions, 'tools'>, RunCodeToolOptions {
  /** What Python can call as `tools.…`: an AI SDK tool set, or a list of tools and sources of tools. */
  tools?: ToolSet | Iterable<Tool | ToolSource>;
}

export interface CodeMode extends AsyncDisposable {
  /** For `tools` of `generateText`, `streamText` or an agent. */
  tools: { runCode: RunCodeTool };
  /** A few sentences for the system prompt. */
  instructions: string;
  session: Session;
  /** Tools of the tool set that Python does not get, and why. */
  skipped: readonly SkippedTool[];
  /** Ends Python. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Makes a session and its `runCode` tool. It returns at once, because a session starts Python on first use.
 * @example
 * ```ts
 * await using codeMode = createCodeMode({ tools: { weather } });
 * const { tools, instructions } = codeMode;
 * await generateText({ model, tools, instructions, prompt, stopWhen: isStepCount(10) });
 * ```
 * @throws CodeModeError `invalid_options`
 */
export function createCodeMode(options: CreateCodeModeOptions = {}): CodeMode {
  const { tools = {}, ...rest } = options;
  const { toolsContext } = options;
  const given = Symbol.iterator in tools ? [...tools] : [fromAiSdkTools(tools, toolsContext && { toolsContext })];
  const sources = given.filter(isAiSdkSource);
  const session = new Session({ ...rest, tools: given.flatMap(loadNow) });
  const close = () => session.close();
  return {
    tools: { runCode: createRunCodeTool(session, options) },
    instructions: createCodeTool(session).instructions,
    session,
    skipped: sources.flatMap(({ skipped }) => skipped),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Tools known at once go in by themselves, so that the description has them before the first run. */
function loadNow(item: Tool | ToolSource): (Tool | ToolSource)[] {
  if (!isAiSdkSource(item)) return [item];
  const tools = item.tools();
  return Array.isArray(tools) ? tools : [item];
}

function isAiSdkSource(item: Tool | ToolSource): item is AiSdkToolSource {
  return 'skipped' in item;
}
