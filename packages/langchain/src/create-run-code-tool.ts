import * as core from '@code-mode/core';
import { type MessageContent, ToolMessage } from '@langchain/core/messages';
import { type DynamicStructuredTool, tool } from '@langchain/core/tools';
import { type InterruptOn, isInterrupt, stepWithInterrupts } from './approval.ts';
import { type RunCodeCall, sessionKeyOf } from './run-code-call.ts';

/** Without `sessionKey` a call belongs to the conversation of `thread_id`; without one, to this run of the agent alone. */
export interface RunCodeToolOptions extends core.CodeToolOptions<RunCodeCall>, core.InterruptOptions {
  /** How a person is asked about a tool, by its name; in `createCodeMode` also which LangChain tools wait for one. */
  interruptOn?: InterruptOn;
}

/** The `runCode` tool. */
export type RunCodeTool = DynamicStructuredTool<core.RunCodeSchema, core.RunCodeInput>;

/**
 * Makes the LangChain tool that runs a model's Python in a session, or in the session of the conversation. A program that
 * fails is a result the model reads. A call that needs approval interrupts the graph.
 */
export function createRunCodeTool(sessions: core.SessionOrPool, options: RunCodeToolOptions = {}): RunCodeTool {
  const { interruptOn = {}, interrupt = true } = options;
  const codeTool = core.createCodeTool(sessions, { sessionKey: sessionKeyOf, ...options });
  const { name, inputSchema: schema } = codeTool;
  const execute = answering(name, async (input: core.RunCodeInput, call) => {
    const callId = call.toolCall?.id ?? '';
    // The result comes as the message.
    const onEvent = (event: core.SessionEvent) =>
      event.type !== 'run-end' && call.writer?.({ name, toolCallId: callId, event });
    const run = { call, signal: call.signal, onEvent };
    // The model's message has all calls that it makes at once.
    const turn = Reflect.get(Object(call.state), 'messages')?.at(-1);
    const step = (decisions?: core.Decisions) => codeTool.step(input, { ...run, callId, turn, decisions });
    const stepped = callId !== '' && interrupt && (await stepWithInterrupts(call, interruptOn, step));
    const output = stepped || (await codeTool.execute(input, run));
    return {
      status: output.status === 'completed' ? 'success' : 'error',
      content: codeTool.toContent(output, ({ mediaType: mimeType, data }) => ({ type: 'image', mimeType, data })),
      artifact: codeTool.toJson(output),
    };
  });
  return codeTool.describe(tool(execute, { name, description: '', schema }) as RunCodeTool);
}

type Answer = { status?: 'success' | 'error'; content: MessageContent; artifact?: unknown };

/** Answers a call, or the application that invokes the tool itself. A tool that throws could end the run of the agent. */
export function answering<Input>(name: string, execute: (input: Input, call: RunCodeCall) => Promise<Answer>) {
  return async (input: Input, call: RunCodeCall) => {
    const id = call.toolCall?.id;
    const answer = await execute(input, call).catch((error: unknown): Answer => {
      if (id === undefined || isInterrupt(error)) throw error;
      return { status: 'error', content: core.messageOf(error) };
    });
    return id === undefined ? answer.content : new ToolMessage({ ...answer, name, tool_call_id: id });
  };
}
