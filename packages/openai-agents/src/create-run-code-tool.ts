import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type CodeToolOptions,
  createCodeTool,
  type JsonValue,
  type PausedRun,
  type RunCodeInput,
  type RunCodeSchema,
  type RunResult,
  type Session,
  type SessionKey,
  type SessionPool,
} from '@code-mode/core';
import { type FunctionTool, RunContext, tool } from '@openai/agents';
import { type AgentRun, agentRunOf } from './agent-runs.ts';
import { AskingAgent, type CallDetails } from './approval.ts';
import { traceCalls } from './trace-calls.ts';

/** What the SDK knows of a call of `runCode`. */
export interface RunCodeCall {
  runContext: RunContext;
  details: CallDetails;
  /** The run of the agent that makes the call; the same after its state was serialized and restored. */
  agentRun: AgentRun;
  /** Runs a function where the call was made: in its trace, with what `AsyncLocalStorage` has there. */
  within: <T>(run: () => T) => T;
}

/**
 * Without `sessionKey` a call belongs to the conversation that `threadId` of the run's context names; without one, to this
 * run of the agent alone.
 */
export interface RunCodeToolOptions extends CodeToolOptions<RunCodeCall> {
  /**
   * Interrupts the agent when Python makes a call that needs approval: it is among `interruptions` of the result. With
   * `false`, `onApproval` is asked.
   * @defaultValue true; `false` in `createCodeMode` with `onApproval`
   */
  interrupt?: boolean;
  /**
   * The SDK's own gate: a person sees the code before it runs. `input` is `{ code }`, unless the model made a mistake. A
   * throw counts as yes.
   * @defaultValue false
   */
  needsApproval?: boolean | ((runContext: RunContext, input: unknown, callId?: string) => Promise<boolean>);
}

/** The `runCode` tool. `customData` of its output item is the whole `RunResult`. */
export type RunCodeTool = FunctionTool<unknown, RunCodeSchema>;

/**
 * Makes the tool that runs a model's Python in a session, or in the one that a pool has for the conversation. Put it into
 * `tools` of an agent.
 *
 * A program that fails is a result the model reads, as is the message of broken machinery.
 */
export function createRunCodeTool(sessions: Session | SessionPool, options: RunCodeToolOptions = {}): RunCodeTool {
  const { interrupt = true, needsApproval: gate = false, sessionKey = conversationOf } = options;
  const codeTool = createCodeTool(sessions, { ...options, sessionKey });
  const asking = new AskingAgent();
  const results = new WeakMap<RunContext, Map<string | undefined, JsonValue>>();

  const run = async (input: RunCodeInput, call: RunCodeCall): Promise<RunResult | PausedRun> => {
    const { runContext, details: { toolCall, signal, resumeState } = {}, agentRun } = call;
    const trace = traceCalls();
    const about = { call, signal, onEvent: trace.onEvent };
    try {
      // Only a run of the SDK can be interrupted.
      if (!interrupt || !toolCall) return await codeTool.execute(input, about);
      // Agents below this one have the same usage, so their calls are of the same turn.
      const step = { ...about, callId: toolCall.callId, turn: runContext.usage };
      let output = await codeTool.step(input, resumeState ? { ...step, decisions: [] } : step);
      for (let state = resumeState; output.status === 'approval-required'; state = undefined) {
        const asked = { toolCall, signal, resumeState: state } as CallDetails;
        const decisions = await asking.ask(output.requests, agentRun.id, runContext, asked);
        if (!decisions) return output;
        output = await codeTool.step(input, { ...step, decisions });
      }
      return output;
    } finally {
      trace.end();
    }
  };

  const runCode = tool({
    name: codeTool.name,
    description: '',
    parameters: codeTool.inputSchema,
    strict: true,
    // A throw would end the run of the agent.
    needsApproval:
      typeof gate === 'function'
        ? (...args) =>
            Promise.resolve(args)
              .then((given) => gate(...given))
              .catch(() => true)
        : gate,
    errorFunction: messageOf,
    execute: async (input, runContext = new RunContext(), details) => {
      const output = await run(input as RunCodeInput, toCall(runContext, details));
      if (output.status === 'approval-required') return '';
      results.set(
        runContext,
        (results.get(runContext) ?? new Map()).set(details?.toolCall?.callId, codeTool.toJson(output)),
      );
      const images = codeTool.images(output).map((image) => ({ type: 'image' as const, image }));
      const text = codeTool.toText(output);
      return images.length === 0 ? text : [{ type: 'text' as const, text }, ...images];
    },
    customDataExtractor: ({ runContext, toolCall }) => {
      const result = results.get(runContext)?.get(toolCall.callId);
      results.get(runContext)?.delete(toolCall.callId);
      return result as Record<string, JsonValue> | undefined;
    },
  });
  // Tools may come to be known later.
  const description = { get: () => codeTool.description(), enumerable: true };
  return Object.defineProperty(Object.assign(asking.tool, runCode), 'description', description) as RunCodeTool;
}

export function toCall(runContext: RunContext, details: CallDetails): RunCodeCall {
  const agentRun = agentRunOf(runContext, details?.resumeState);
  return { runContext, details, agentRun, within: AsyncLocalStorage.snapshot() };
}

export function conversationOf({ runContext, agentRun }: RunCodeCall): SessionKey {
  return (Object(runContext.context) as { threadId?: SessionKey }).threadId ?? agentRun;
}

export function messageOf(_runContext: unknown, error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
