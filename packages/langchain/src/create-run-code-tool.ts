import type { Session, SessionEvent, SessionKey, SessionPool } from '@code-mode/core';
import { type CodeToolOptions, createCodeTool, type RunCodeInput, type RunCodeSchema } from '@code-mode/core';
import { type MessageContent, ToolMessage } from '@langchain/core/messages';
import { type DynamicStructuredTool, tool } from '@langchain/core/tools';
import { type InterruptOn, isInterrupt, type RunCodeCall, stepWithInterrupts } from './approval.ts';

/** Without `sessionKey` a call belongs to the conversation of `thread_id`; without one, to this run of the agent alone. */
export interface RunCodeToolOptions extends CodeToolOptions<RunCodeCall> {
  /** How a person is asked about a tool, and what they may decide, by its name in the session. */
  interruptOn?: InterruptOn;
  /**
   * Whether a call that needs approval interrupts the graph. With `false`, and in a graph without a checkpointer,
   * `onApproval` of the session is asked.
   * @defaultValue true; `false` in `createCodeMode` with `onApproval`
   */
  interrupt?: boolean;
}

/** The `runCode` tool. */
export type RunCodeTool = DynamicStructuredTool<RunCodeSchema, RunCodeInput>;

/**
 * Makes the LangChain tool that runs a model's Python in a session, or in the session of the conversation. A program that
 * fails is a result the model reads. A call that needs approval interrupts the graph.
 */
export function createRunCodeTool(sessions: Session | SessionPool, options: RunCodeToolOptions = {}): RunCodeTool {
  const codeTool = createCodeTool(sessions, { sessionKey: threadOf, ...options });
  const { name, inputSchema: schema } = codeTool;
  const { interruptOn = {}, interrupt = true } = options;
  const run = async (input: RunCodeInput, call: RunCodeCall) => {
    const callId = call.toolCall?.id;
    const onEvent = (event: SessionEvent) => {
      // The result comes as the message.
      if (event.type !== 'run-end') call.writer?.({ name, toolCallId: callId, event });
    };
    const about = { call, signal: call.signal, onEvent };
    if (callId === undefined || !interrupt) return await codeTool.execute(input, about);
    // The model's message has all calls that it makes at once.
    const turn = Reflect.get(Object(call.state), 'messages')?.at(-1);
    const stepped = await stepWithInterrupts(call, interruptOn, (decisions) =>
      codeTool.step(input, { ...about, callId, turn, decisions }),
    );
    return stepped ?? (await codeTool.execute(input, about));
  };
  const execute = answering(name, async (input: RunCodeInput, call) => {
    const output = await run(input, call);
    const text = codeTool.toText(output);
    const images = codeTool.images(output).map(({ mediaType, data }) => ({ type: 'image', mimeType: mediaType, data }));
    return {
      status: output.status === 'completed' ? 'success' : 'error',
      content: images.length === 0 ? text : [{ type: 'text', text }, ...images],
      artifact: codeTool.toJson(output),
    };
  });
  const made = tool(execute, { name, description: '', schema }) as RunCodeTool;
  // With the tools that are known when the model is asked.
  return Object.defineProperty(made, 'description', { get: () => codeTool.description(), enumerable: true });
}

interface Answer {
  status?: 'success' | 'error';
  content: MessageContent;
  artifact?: unknown;
}

/** Answers a call, or the application that invokes the tool itself. A tool that throws could end the run of the agent. */
export function answering<Input>(name: string, execute: (input: Input, call: RunCodeCall) => Promise<Answer>) {
  return async (input: Input, call: RunCodeCall) => {
    const id = call.toolCall?.id;
    if (id === undefined) return (await execute(input, call)).content;
    const answer = await execute(input, call).catch((error: unknown): Answer => {
      if (isInterrupt(error)) throw error;
      return { status: 'error', content: error instanceof Error ? error.message : String(error) };
    });
    return new ToolMessage({ ...answer, name, tool_call_id: id });
  };
}

/** One writer serves one run of the agent. */
export function threadOf(call: Partial<Pick<RunCodeCall, 'configurable' | 'writer'>>): SessionKey | undefined {
  const id = call.configurable?.thread_id ?? call.writer ?? undefined;
  return typeof id === 'number' ? String(id) : id;
}
