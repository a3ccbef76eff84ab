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

/** Stands for the agent that gates and guardrails are told of. */
export const caller = new Agent<unknown>({ name: 'runCode' });

export type NestedCall = ReturnType<typeof nestedCall>;

/** The SDK's view of a call that Python makes: the context of the `runCode` call around it, with an id of its own. */
export function nestedCall(name: string, args: Record<string, unknown>, context: ToolContext) {
  const { sessionId, runId = sessionId, callId = 0 } = context;
  const outer = Object(context.runContext) as Partial<RunCodeCall>;
  const { details, runContext = new RunContext(), within = (run) => run() } = outer;
  const toolCall: FunctionCallItem = {
    type: 'function_call',
    callId: `${details?.toolCall?.callId ?? runId}:${callId}`,
    name,
    arguments: JSON.stringify(args),
  };
  return { args, runContext, within, toolCall };
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
  const after = await runToolOutputGuardrails({ guardrails: outputGuardrails, ...about, toolOutput });
  // NaN is not equal to itself.
  if (!Object.is(after, toolOutput)) throw new ToolError(String(after));
  return toolOutput;
}
