import * as core from '@code-mode/core';
import { createCustomSpan, type FunctionTool, getCurrentSpan, RunContext, tool } from '@openai/agents';
import { AskingAgent } from './approval.ts';
import { type RunCodeCall, sessionKeyOf, toCall } from './run-code-call.ts';

/** Without `sessionKey` a call belongs to the conversation of the context's `threadId`; without one, to this run alone. */
export interface RunCodeToolOptions extends core.CodeToolOptions<RunCodeCall>, core.InterruptOptions {
  /** The SDK's own gate: a person sees `{ code }` before it runs. A throw counts as yes. @defaultValue false */
  needsApproval?: boolean | ((runContext: RunContext, input: unknown, callId?: string) => Promise<boolean>);
}

/** The `runCode` tool. `customData` of its output item is the whole `RunResult`. */
export type RunCodeTool = FunctionTool<unknown, core.RunCodeSchema>;

/**
 * Makes the tool that runs a model's Python in a session, or in the one that a pool has for the conversation. Put it into
 * `tools` of an agent. A program that fails is a result the model reads, as is the message of broken machinery.
 */
export function createRunCodeTool(sessions: core.SessionOrPool, options: RunCodeToolOptions = {}): RunCodeTool {
  const { interrupt = true, needsApproval: ask = false } = options;
  const gate = async (...args: [RunContext, unknown, string?]) => (typeof ask === 'function' ? ask(...args) : ask);
  const codeTool = core.createCodeTool(sessions, { sessionKey: sessionKeyOf, ...options });
  const asking = new AskingAgent();
  const results = new WeakMap<RunContext, Map<string | undefined, ReturnType<typeof codeTool.toJson>>>();
  const run = async (input: core.RunCodeInput, call: RunCodeCall, onEvent: (event: core.SessionEvent) => void) => {
    const { toolCall, signal, resumeState } = call.details ?? {};
    // Only a run of the SDK can be interrupted.
    if (!interrupt || !toolCall) return await codeTool.execute(input, { call, signal, onEvent });
    // Agents below this one have the same usage, so their calls are of the same turn.
    const step = { call, signal, onEvent, callId: toolCall.callId, turn: call.runContext.usage };
    let output = await codeTool.step(input, { ...step, decisions: resumeState ? [] : undefined });
    for (let state = resumeState; output.status === 'approval-required'; state = undefined) {
      const details = { toolCall, signal, resumeState: state } as RunCodeCall['details'];
      const decisions = await asking.ask(output.requests, { ...call, details });
      if (!decisions) return output;
      output = await codeTool.step(input, { ...step, decisions });
    }
    return output;
  };
  const runCode = tool({
    name: codeTool.name,
    description: '',
    parameters: codeTool.inputSchema,
    strict: true,
    // A throw would end the run of the agent.
    needsApproval: (...args) => gate(...args).catch(() => true),
    errorFunction: (_runContext, error) => core.messageOf(error),
    execute: async (input, runContext = new RunContext(), details) => {
      const spans = traceCalls();
      const call = toCall(runContext, details);
      const output = await run(input as core.RunCodeInput, call, spans.onEvent).finally(spans.end);
      if (output.status === 'approval-required') return '';
      const own = results.get(runContext) ?? new Map();
      results.set(runContext, own.set(details?.toolCall?.callId, codeTool.toJson(output)));
      return codeTool.toContent(output, (image) => ({ type: 'image' as const, image }));
    },
    customDataExtractor: ({ runContext, toolCall }) => results.get(runContext)?.get(toolCall.callId),
  });
  return codeTool.describe(Object.assign(asking.tool, runCode)) as unknown as RunCodeTool;
}

/** Gives the SDK's trace a span for each call that Python makes, below the one of `runCode`. Data stay out of it. */
function traceCalls(parent = getCurrentSpan()) {
  return core.callSpans(({ name, ended }) => {
    const span = parent && createCustomSpan({ data: { name } }, parent);
    span?.start();
    void ended.catch(({ cause }) => span?.setError({ message: `Call ${cause}` })).then(() => span?.end());
  });
}
