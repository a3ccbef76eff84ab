import {
  Agent,
  type AgentInputItem,
  type AgentOptions,
  Runner,
  RunState,
  type RunToolApprovalItem,
  type Tool,
} from '@openai/agents';
import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents/testing';
import { afterEach } from 'vitest';
import { type CodeMode, type CreateCodeModeOptions, createCodeMode } from '../src/index.ts';

const opened: CodeMode[] = [];

/** Code mode that is closed after the test. */
export function open(options?: CreateCodeModeOptions): CodeMode {
  const codeMode = createCodeMode(options);
  opened.push(codeMode);
  return codeMode;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((codeMode) => codeMode.close()));
});

export const runner = new Runner({ tracingDisabled: true });

/** An agent whose model calls `runCode` with each program in turn, several at once when they come in a list. */
export function programmer(
  programs: (string | string[])[],
  tools: Tool[],
  options: Partial<AgentOptions> = {},
): { agent: Agent; model: ScriptedModel } {
  let calls = 0;
  const call = (code: string) => functionCall('runCode', { code }, { callId: `c${++calls}` });
  const model = new ScriptedModel([...programs.map((step) => [step].flat().map(call)), [assistantMessage('done')]]);
  return { model, agent: new Agent({ name: 'programmer', model, tools, ...options }) as Agent };
}

type Result = Awaited<ReturnType<typeof go>>;

export function go(agent: Agent, context: unknown = {}) {
  return runner.run(agent, 'go', { context });
}

/** Goes on with what was stored of an interrupted run, as text, after a decision on each interruption. */
export async function resume(
  agent: Agent,
  stored: string,
  decide: (item: RunToolApprovalItem, state: RunState<unknown, Agent>) => void,
): Promise<Result> {
  const state = await RunState.fromString<unknown, Agent>(agent, stored);
  for (const item of state.getInterruptions()) decide(item, state);
  return await runner.run(agent, state);
}

export const approve = (item: RunToolApprovalItem, state: RunState<unknown, Agent>) => state.approve(item);

/** What the model read last as the results of its calls. */
export function textsRead(model: ScriptedModel): string[] {
  const input = model.lastCall?.request.input;
  return (typeof input === 'object' ? input : []).flatMap((item: AgentInputItem) =>
    item.type === 'function_call_result' && typeof item.output === 'object' && 'text' in item.output
      ? [item.output.text]
      : [],
  );
}
