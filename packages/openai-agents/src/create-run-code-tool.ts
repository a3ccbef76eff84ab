import {
  type CodeToolOptions,
  createCodeTool,
  type RunCodeInput,
  type RunCodeSchema,
  type Session,
  type SessionKey,
  type SessionPool,
} from '@code-mode/core';
import { type FunctionTool, type RunContext, tool } from '@openai/agents';

/** What the SDK knows of a call of `runCode`. */
export interface RunCodeCall {
  runContext: RunContext | undefined;
  details: Parameters<RunCodeTool['invoke']>[2];
}

/**
 * Without `sessionKey` a call belongs to the conversation that `threadId` of the run's context names; without one, to this
 * run of the agent alone.
 */
export type RunCodeToolOptions = CodeToolOptions<RunCodeCall>;

/** The `runCode` tool. */
export type RunCodeTool = FunctionTool<unknown, RunCodeSchema>;

/**
 * Makes the tool that runs a model's Python in a session, or in the session of the conversation. A program that fails is
 * a result the model reads.
 */
export function createRunCodeTool(sessions: Session | SessionPool, options: RunCodeToolOptions = {}): RunCodeTool {
  const codeTool = createCodeTool(sessions, { sessionKey: threadOf, ...options });
  return tool({
    name: codeTool.name,
    description: codeTool.description(),
    parameters: codeTool.inputSchema,
    strict: true,
    errorFunction: (_call, error) => (error instanceof Error ? error.message : String(error)),
    execute: async (input, runContext, details) => {
      const result = await codeTool.execute(input as RunCodeInput, {
        call: { runContext, details },
        signal: details?.signal,
      });
      const images = codeTool.images(result).map((image) => ({ type: 'image' as const, image }));
      const text = codeTool.toText(result);
      return images.length === 0 ? text : [{ type: 'text' as const, text }, ...images];
    },
  });
}

export function threadOf({ runContext }: RunCodeCall): SessionKey | undefined {
  const { threadId } = (runContext?.context ?? {}) as { threadId?: unknown };
  return typeof threadId === 'string' ? threadId : runContext;
}
