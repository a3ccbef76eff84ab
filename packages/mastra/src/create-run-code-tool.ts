import {
  type CodeToolOptions,
  createCodeTool,
  type RunCodeInput,
  type RunCodeOutput,
  type Session,
  type SessionKey,
  type SessionPool,
} from '@code-mode/core';
import { createTool, type Tool, type ToolExecutionContext } from '@mastra/core/tools';

/** Without `sessionKey` a call belongs to the conversation of the thread and its resource; without one, to this run of the agent alone. */
export type RunCodeToolOptions = CodeToolOptions<ToolExecutionContext>;

/** The `runCode` tool. */
export type RunCodeTool = Tool<RunCodeInput, RunCodeOutput>;

/**
 * Makes the Mastra tool that runs a model's Python in a session, or in the session of the conversation. A program that
 * fails is a result the model reads; only broken machinery throws.
 */
export function createRunCodeTool(sessions: Session | SessionPool, options: RunCodeToolOptions = {}): RunCodeTool {
  const codeTool = createCodeTool(sessions, { sessionKey: threadOf, ...options });
  const tool = createTool({
    id: codeTool.name,
    description: codeTool.description(),
    inputSchema: codeTool.inputSchema,
    execute: async (input, call) => {
      const result = await codeTool.execute(input as RunCodeInput, { call, signal: call.abortSignal });
      return codeTool.toJson(result);
    },
    toModelOutput: (output) => {
      const result = output as unknown as RunCodeOutput;
      const images = codeTool.images(result).map((image) => ({ type: 'image-data', ...image }));
      return { type: 'content', value: [{ type: 'text', text: codeTool.toText(result) }, ...images] };
    },
  });
  return tool as unknown as RunCodeTool;
}

/** One request context serves one run of the agent. */
export function threadOf({ agent, requestContext }: ToolExecutionContext): SessionKey | undefined {
  return agent?.threadId ? JSON.stringify([agent.resourceId, agent.threadId]) : requestContext;
}
