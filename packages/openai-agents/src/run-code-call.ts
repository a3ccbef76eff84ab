import { randomUUID } from 'node:crypto';
import * as core from '@code-mode/core';
import { Agent, type FunctionCallItem, type FunctionTool, RunContext } from '@openai/agents';

/** What the SDK knows of a call of `runCode`. */
export interface RunCodeCall {
  runContext: RunContext;
  details: Parameters<FunctionTool['invoke']>[2];
  /** Names the run of the agent that makes the call, also when its state was stored meanwhile. Nobody can guess it. */
  agentRun: string;
}

const agentRuns = new WeakMap<RunContext, string>();

/** A state that was stored and restored has another context, but what was asked for in the run has the name of the run. */
export function toCall(runContext: RunContext, details: RunCodeCall['details']): RunCodeCall {
  const [stored = `run_${randomUUID()}`] = /run_[\da-f-]{36}(?=\/)/u.exec(details?.resumeState ?? '') ?? [];
  const agentRun = agentRuns.get(runContext) ?? stored;
  agentRuns.set(runContext, agentRun);
  return { runContext, details, agentRun };
}

export function sessionKeyOf({ runContext, agentRun }: RunCodeCall): core.SessionKey {
  return (Object(runContext.context) as { threadId?: core.SessionKey }).threadId ?? agentRun;
}

/** Stands for the agent that gates and guardrails are told of. */
export const caller = new Agent<unknown>({ name: 'runCode' });

/** The SDK's view of a call that Python makes: the context of the `runCode` call around it, with an id of its own. */
export function nestedCall(name: string, args: Record<string, unknown>, context: core.ToolContext) {
  const { details, runContext = new RunContext() } = Object(context.runContext) as Partial<RunCodeCall>;
  const callId = core.nestedCallId(context, details?.toolCall?.callId);
  const toolCall: FunctionCallItem = { type: 'function_call', callId, name, arguments: JSON.stringify(args) };
  return { args, runContext, toolCall };
}
