import {
  type CodeToolOptions,
  createCodeTool,
  type Decisions,
  type RunCodeInput,
  type RunCodeSchema,
  type Session,
  type SessionEvent,
  type SessionKey,
  type SessionPool,
} from '@code-mode/core';
import { type MessageContent, ToolMessage } from '@langchain/core/messages';
import { type DynamicStructuredTool, tool } from '@langchain/core/tools';
import {
  type InterruptOn,
  isInterrupt,
  openInterrupts,
  type RunCodeCall,
  stepWithInterrupts,
  toQuestion,
} from './approval.ts';

/** Without `sessionKey` a call belongs to the conversation of `thread_id`; without one, to this run of the agent alone. */
export interface RunCodeToolOptions extends CodeToolOptions<RunCodeCall> {
  /** How a person is asked about a tool, and what they may decide, by its name in the session. */
  interruptOn?: InterruptOn;
}

/** The `runCode` tool. */
export type RunCodeTool = DynamicStructuredTool<RunCodeSchema, RunCodeInput>;

/**
 * Makes the LangChain tool that runs a model's Python in a session, or in the session of the conversation. A program that
 * fails is a result the model reads. A call that needs approval interrupts the graph, if it has a checkpointer; without
 * one, `onApproval` of the session is asked.
 */
export function createRunCodeTool(sessions: Session | SessionPool, options: RunCodeToolOptions = {}): RunCodeTool {
  const codeTool = createCodeTool(sessions, { sessionKey: threadOf, ...options });
  const { name, inputSchema: schema } = codeTool;
  const { interruptOn = {} } = options;
  const run = async (input: RunCodeInput, call: RunCodeCall) => {
    const callId = call.toolCall?.id;
    const onEvent = (event: SessionEvent) => {
      // The result comes as the message.
      if (event.type !== 'run-end') call.writer?.({ name, toolCallId: callId, event });
    };
    const about = { call, signal: call.signal, onEvent };
    const interrupts = callId === undefined ? undefined : await openInterrupts(call);
    if (callId === undefined || !interrupts) return await codeTool.execute(input, about);
    const step = (decisions: Decisions | undefined) =>
      codeTool.step(input, { ...about, callId, turn: turnOf(call), decisions });
    return await stepWithInterrupts(interrupts, step, (requests) => toQuestion(requests, call, interruptOn));
  };
  const made = tool(
    safely(name, async (input: RunCodeInput, call) => {
      const output = await run(input, call);
      const text = codeTool.toText(output);
      const images = codeTool
        .images(output)
        .map(({ mediaType, data }) => ({ type: 'image', mimeType: mediaType, data }));
      const content = images.length === 0 ? text : [{ type: 'text', text }, ...images];
      const artifact = codeTool.toJson(output);
      return output.status === 'completed' ? [content, artifact] : [failure(name, call, content, artifact), artifact];
    }),
    { name, description: '', schema, responseFormat: 'content_and_artifact' },
  ) as RunCodeTool;
  // Of the tools known when the model is asked.
  return Object.defineProperty(made, 'description', { get: () => codeTool.description(), enumerable: true });
}

/** With a middleware that wraps tool calls, a tool that throws would end the run of the agent. */
export function safely<Input, Output>(name: string, execute: (input: Input, call: RunCodeCall) => Promise<Output>) {
  return async (input: Input, call: RunCodeCall) => {
    try {
      return await execute(input, call);
    } catch (error) {
      if (isInterrupt(error) || call.toolCall?.id === undefined) throw error;
      return [failure(name, call, error instanceof Error ? error.message : String(error)), undefined];
    }
  };
}

/** One writer serves one run of the agent. */
export function threadOf({ configurable, writer }: ThreadOfCall): SessionKey | undefined {
  const id = configurable?.thread_id ?? writer ?? undefined;
  return typeof id === 'number' ? String(id) : (id as SessionKey | undefined);
}

interface ThreadOfCall {
  configurable?: { thread_id?: unknown } | undefined;
  writer?: object | null | undefined;
}

/** A message that says that the call failed; without a call it is its content alone. */
function failure(name: string, { toolCall }: RunCodeCall, content: MessageContent, artifact?: unknown) {
  return toolCall?.id === undefined
    ? content
    : new ToolMessage({ status: 'error', name, tool_call_id: toolCall.id, content, artifact });
}

/** The model's message, which has all calls that it makes at once. */
function turnOf({ state }: RunCodeCall): object | undefined {
  const { messages } = Object(state) as { messages?: object[] };
  return messages?.at(-1);
}
