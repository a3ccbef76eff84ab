import * as core from '@code-mode/core';
import type { ToolExecutionContext } from '@mastra/core/tools';

/** What the tool suspends with: `suspendPayload` of the agent's result, and of `agent.listSuspendedRuns`. */
export interface RunCodeSuspension extends core.PausedRun {
  /** The calls that wait, in words: `tools.pay(amount=7) in line 2`. */
  message: string;
}

/**
 * What a suspended call is resumed with. The short form decides all that waits, and is what `approveToolCall` and
 * `declineToolCall` send; the long form decides each request, or some of them.
 */
export type RunCodeAnswer = { approved: boolean; reason?: string } | { decisions: core.ApprovalDecision[] };

const decision = {
  type: 'object',
  properties: { requestId: { type: 'string' }, approved: { type: 'boolean' }, message: { type: 'string' } },
  required: ['requestId', 'approved'],
};

/** Requires nothing: an answer that says nothing decides nothing, and the run is suspended again. */
export const ANSWER_SCHEMA: core.JsonSchema = {
  type: 'object',
  properties: {
    approved: { type: 'boolean', description: 'Whether the calls that wait may run.' },
    reason: { type: 'string', description: 'Why not. The code is told.' },
    decisions: { type: 'array', items: decision, description: 'One by one, instead of `approved`.' },
  },
};

/** How a call can be suspended and resumed; undefined where nothing would keep it, so that it could not come back. */
export function suspenderOf({ agent, workflow, mastra }: ToolExecutionContext) {
  const { suspend, resumeData } = agent ?? workflow ?? {};
  if (!suspend || !mastra?.getStorage?.()) return undefined;
  return {
    suspend: async (paused: core.PausedRun) => {
      await suspend({ ...paused, message: paused.requests.map(core.describeRequest).join('; ') });
    },
    callId: agent?.toolCallId ?? workflow?.runId ?? '',
    decisions: resumeData ? decisionsOf(resumeData) : undefined,
  };
}

/**
 * Mastra takes `resumeData` among the arguments that a model writes for the answer to a suspension, and prefers it to
 * the one of the application. So the model could approve its own calls.
 */
export function dropAnswer({ input }: { input: unknown }): void {
  delete Object(input).resumeData;
}

function decisionsOf(answer: unknown): core.Decisions {
  const { approved, reason, decisions } = Object(answer) as Record<string, unknown>;
  if (Array.isArray(decisions)) return decisions.map((one) => ({ ...one, approved: one.approved === true }));
  if (typeof approved !== 'boolean') return [];
  return { approved, ...(reason ? { message: String(reason) } : {}) };
}
