import * as core from '@code-mode/core';
import type { ToolRuntime } from '@langchain/core/tools';

/** What LangChain knows of a call of `runCode`. */
export type RunCodeCall = ToolRuntime & {
  /** Of LangGraph: it ends this execution of the node, and gives the answer in the next one. */
  interrupt?(question: unknown): unknown;
};

/** One writer serves one run of the agent. */
export function sessionKeyOf({ configurable, writer }: Pick<Partial<RunCodeCall>, 'configurable' | 'writer'>) {
  const id: core.SessionKey | number | undefined = configurable?.thread_id ?? writer ?? undefined;
  return typeof id === 'number' ? String(id) : id;
}

/** LangChain's view of a call that Python makes: the runtime of the `runCode` call around it, with its own id and signal. */
export function nestedCall(name: string, args: Record<string, unknown>, context: core.ToolContext) {
  const { toolCall: outerCall, ...outer } = Object(context.runContext) as Partial<RunCodeCall>;
  const toolCallId = core.nestedCallId(context, outerCall?.id);
  // An interrupt in there would take the answers meant for runCode: without a checkpointer it is an error.
  const own = { signal: context.signal, configurable: { ...outer.configurable, __pregel_checkpointer: undefined } };
  const runtime = { ...outer, ...own, config: { ...outer.config, ...own }, toolCallId };
  return { toolCall: { type: 'tool_call' as const, id: toolCallId, name, args }, runtime };
}
