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

export interface RunCodeToolOptions extends CodeToolOptions {
  /** Time Python may compute in one call, in ms. @defaultValue `limits.timeoutMs` of the session */
  timeoutMs?: number;
  /**
   * Names the conversation of a call, for a pool of sessions.
   * @defaultValue `threadId` of the run's context; without one, a session of its own for each run of the agent
   */
  sessionKey?(call: RunContext): SessionKey | undefined;
}

/** The `runCode` tool. */
export type RunCodeTool = FunctionTool<unknown, RunCodeSchema>;

/**
 * Makes the tool that runs a model's Python in a session, or in the session of the conversation. A program that fails is
 * a result the model reads.
 */
export function createRunCodeTool(sessions: Session | SessionPool, options: RunCodeToolOptions = {}): RunCodeTool {
  const codeTool = createCodeTool(sessions, options);
  const { timeoutMs, sessionKey = threadOf } = options;
  return tool({
    name: codeTool.name,
    description: codeTool.description(),
    parameters: codeTool.inputSchema,
    strict: true,
    errorFunction: (_call, error) => (error instanceof Error ? error.message : String(error)),
    execute: async (input, runContext, details) => {
      const result = await codeTool.execute(input as RunCodeInput, {
        sessionKey: runContext && sessionKey(runContext),
        timeoutMs,
        signal: details?.signal,
        context: { runContext, details },
      });
      const images = codeTool.images(result).map((image) => ({ type: 'image' as const, image }));
      const text = codeTool.toText(result);
      return images.length === 0 ? text : [{ type: 'text' as const, text }, ...images];
    },
  });
}

function threadOf(runContext: RunContext): SessionKey {
  const { threadId } = (runContext.context ?? {}) as { threadId?: unknown };
  return typeof threadId === 'string' ? threadId : runContext;
}
