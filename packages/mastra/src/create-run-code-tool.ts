import * as core from '@code-mode/core';
import { createTool, type Tool, type ToolExecutionContext } from '@mastra/core/tools';
import { ANSWER_SCHEMA, dropAnswer, type RunCodeAnswer, type RunCodeSuspension, suspenderOf } from './approval.ts';

export interface RunCodeToolOptions extends core.CodeToolOptions<ToolExecutionContext> {
  /**
   * Names the conversation of a call, for a pool of sessions.
   * @defaultValue the thread and its resource; without a thread, this run of the agent
   */
  sessionKey?(call: ToolExecutionContext): core.SessionKey | undefined;
  /**
   * Suspends the agent at a call of Python that needs approval. With `false`, and where Mastra has no storage to keep the
   * suspended run, `onApproval` of the session is asked instead.
   * @defaultValue true; false in `createCodeMode` with `onApproval`
   */
  suspend?: boolean;
  /** Mastra's own gate: somebody sees the code before it runs. @defaultValue false */
  requireApproval?: boolean | ((input: core.RunCodeInput) => boolean | Promise<boolean>);
}

/** The `runCode` tool. */
export type RunCodeTool = Tool<core.RunCodeInput, core.RunCodeOutput, RunCodeSuspension, RunCodeAnswer>;

/**
 * Makes the Mastra tool that runs a model's Python: in a session, or in the one that a pool has for the conversation. Put
 * it into `tools` of an agent under the name `runCode`.
 *
 * A program that fails is a result the model reads; only broken machinery throws. The description names the tools known
 * by then: `await session.tools.list()` first when sources such as MCP servers load them.
 */
export function createRunCodeTool(sessions: core.SessionOrPool, options: RunCodeToolOptions = {}): RunCodeTool {
  const { suspend = true, requireApproval = false } = options;
  const codeTool = core.createCodeTool(sessions, { sessionKey: sessionKeyOf, ...options });
  const tool = createTool({
    id: codeTool.name,
    description: '',
    inputSchema: codeTool.inputSchema,
    // Without one a tool is no step of a workflow.
    outputSchema: { type: 'object', additionalProperties: true },
    // It makes Mastra run calls of the same turn one after the other.
    suspendSchema: { type: 'object' },
    resumeSchema: ANSWER_SCHEMA,
    requireApproval: requireApproval as boolean,
    onInputAvailable: dropAnswer,
    execute: async (given, call) => {
      const input = given as core.RunCodeInput;
      const suspender = suspend ? suspenderOf(call) : undefined;
      const spans = core.callSpans(({ name, ended, ...about }) => {
        call.observe?.span(name, () => ended, about).catch(() => {});
      });
      const run = { call, signal: call.abortSignal, onEvent: spans.onEvent };
      const steps = suspender ? codeTool.streamStep(input, { ...run, ...suspender }) : codeTool.stream(input, run);
      const tell = (progress: core.RunProgress) => call.writer?.write(codeTool.toJson(progress));
      const output = await core.followRun(steps, tell).finally(spans.end);
      return output.status === 'approval-required' ? suspender?.suspend(output) : codeTool.toJson(output);
    },
    toModelOutput: (given) => {
      const output = given as unknown as core.RunCodeOutput;
      // Without a status it is what Mastra says of arguments that are not those of the tool.
      if (!('status' in output)) return { type: 'json', value: output };
      const value = codeTool.toContent(output, (image) => ({ type: 'image-data', ...image }));
      return typeof value === 'string' ? { type: 'text', value } : { type: 'content', value };
    },
  });
  return codeTool.describe(tool) as unknown as RunCodeTool;
}

/** A run of an agent or a workflow keeps its id when it is resumed. */
export function sessionKeyOf(call: ToolExecutionContext): core.SessionKey | undefined {
  const { agent, workflow, requestContext } = call;
  if (agent?.threadId) return JSON.stringify([agent.resourceId, agent.threadId]);
  const runId = workflow?.runId ?? (call as { runId?: string }).runId;
  return runId ? JSON.stringify([agent?.resourceId, null, runId]) : requestContext;
}
