import {
  type CodeToolOptions,
  createCodeTool,
  type RunCodeInput,
  type RunCodeSchema,
  type Session,
  type SessionKey,
  type SessionPool,
} from '@code-mode/core';
import { type DynamicStructuredTool, type ToolRuntime, tool } from '@langchain/core/tools';

/** Without `sessionKey` a call belongs to the conversation of `thread_id`; without one, to this run of the agent alone. */
export type RunCodeToolOptions = CodeToolOptions<ToolRuntime>;

/** The `runCode` tool. */
export type RunCodeTool = DynamicStructuredTool<RunCodeSchema, RunCodeInput>;

/**
 * Makes the LangChain tool that runs a model's Python in a session, or in the session of the conversation. A program that
 * fails is a result the model reads.
 */
export function createRunCodeTool(sessions: Session | SessionPool, options: RunCodeToolOptions = {}): RunCodeTool {
  const codeTool = createCodeTool(sessions, { sessionKey: threadOf, ...options });
  return tool(
    async (input: RunCodeInput, call: ToolRuntime) => {
      const result = await codeTool.execute(input, { call, signal: call.signal });
      const images = codeTool
        .images(result)
        .map(({ mediaType, data }) => ({ type: 'image', mimeType: mediaType, data }));
      const text = codeTool.toText(result);
      return [images.length === 0 ? text : [{ type: 'text', text }, ...images], codeTool.toJson(result)];
    },
    {
      name: codeTool.name,
      description: codeTool.description(),
      schema: codeTool.inputSchema,
      responseFormat: 'content_and_artifact',
    },
  ) as RunCodeTool;
}

/** One writer serves one run of the agent. */
export function threadOf({ configurable, writer }: ToolRuntime): SessionKey | undefined {
  return configurable?.thread_id ?? writer ?? undefined;
}
