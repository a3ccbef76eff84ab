import { type ToolContext, ToolError } from '@code-mode/core';
import {
  Agent,
  type FunctionCallItem,
  type FunctionTool,
  RunContext,
  runToolInputGuardrails,
  runToolOutputGuardrails,
} from '@openai/agents';
import type { RunCodeCall } from './create-run-code-tool.ts';

/** A call that Python makes, in the SDK's terms. */
export interface NestedCall {
  runContext: RunContext;
  toolCall: FunctionCallItem;
  within: RunCodeCall['within'];
}

/** Stands for the agent that gates and guardrails are told of. */
export const caller = new Agent<unknown>({ name: 'runCode' });

/** The SDK's view of a nested call: the context of the `runCode` call around it, with an id of its own. */
export function nestedCall(name: string, args: Record<string, unknown>, context: ToolContext): NestedCall {
  const { sessionId, runId = sessionId, callId = 0 } = context;
  const {
    details,
    runContext = new RunContext(),
    within = (run) => run(),
  } = Object(context.runContext) as Partial<RunCodeCall>;
  const id = `${details?.toolCall?.callId ?? runId}:${callId}`;
  return {
    runContext,
    within,
    toolCall: { type: 'function_call', callId: id, name, arguments: JSON.stringify(args), status: 'in_progress' },
  };
}

/** Runs a tool between its guardrails, as the SDK's runner does; what they reject is an error in Python. */
export async function guarded(
  { inputGuardrails = [], outputGuardrails = [] }: Pick<FunctionTool, 'inputGuardrails' | 'outputGuardrails'>,
  { runContext, toolCall, within }: NestedCall,
  run: () => Promise<unknown>,
): Promise<unknown> {
  const about = { context: runContext, agent: caller, toolCall };
  const before = await runToolInputGuardrails({ guardrails: inputGuardrails, ...about });
  if (before.type === 'reject') throw new ToolError(before.message);
  const toolOutput = await within(run);
  const shown = await runToolOutputGuardrails({ guardrails: outputGuardrails, ...about, toolOutput });
  if (shown !== toolOutput) throw new ToolError(String(shown));
  return toolOutput;
}

export function notEnabled(name: string): ToolError {
  return new ToolError(`${name} is not enabled here.`);
}
