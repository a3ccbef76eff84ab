import * as core from '@code-mode/core';
import type { ModelMessage, ToolApprovalStatus } from 'ai';
import type { RunCodeToolOptions } from './create-run-code-tool.ts';

/** Begins the run of a call, and says whether the SDK must ask before it goes on. */
export type RunCodeApproval = (
  input: core.RunCodeInput,
  call: { toolCallId: string; messages: ModelMessage[]; toolContext: unknown },
) => Promise<ToolApprovalStatus>;

/**
 * Makes the SDK ask for the calls that Python makes: `toolApproval: { runCode: createToolApproval(session) }`. The run
 * begins here and stands still at a call that needs approval, which `reason` of the SDK's request names; once approved,
 * `runCode` goes on with it. Give it the sessions and options of the `runCode` tool.
 */
export function createToolApproval(sessions: core.SessionOrPool, options: RunCodeToolOptions = {}): RunCodeApproval {
  const codeTool = core.createCodeTool(sessions, options);
  return async (input, { toolContext, ...rest }) => {
    const { toolCallId: callId, messages } = rest;
    try {
      // The SDK asks once more when the answer is there. Then there must be a run.
      const decisions = isApproved(callId, messages) ? [] : undefined;
      const call = { ...rest, context: toolContext };
      const output = await codeTool.step(input, { phase: 'ask', callId, call, turn: messages, decisions });
      if (output.status !== 'approval-required') return undefined;
      return { type: 'user-approval', reason: output.requests.map(core.describeRequest).join('; ') };
    } catch (error) {
      // A tool call that went on from here would run the code again.
      return { type: 'denied', reason: core.messageOf(error) };
    }
  };
}

/** Whether the last message approves the SDK's request for this call. */
export function isApproved(toolCallId: string, messages: ModelMessage[]): boolean {
  const last = messages.at(-1);
  const ids = messages
    .flatMap(({ role, content }) => (role === 'assistant' && typeof content !== 'string' ? content : []))
    .flatMap((part) =>
      part.type === 'tool-approval-request' && part.toolCallId === toolCallId ? part.approvalId : [],
    );
  return (
    last?.role === 'tool' &&
    last.content.some(
      (part) => part.type === 'tool-approval-response' && part.approved && ids.includes(part.approvalId),
    )
  );
}
