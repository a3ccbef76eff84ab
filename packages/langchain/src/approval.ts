import { type Decisions, describeRequest, type PausedRun, type RunResult } from '@code-mode/core';
import type { ToolRuntime } from '@langchain/core/tools';
import type { HITLRequest, HITLResponse, InterruptOnConfig } from 'langchain';

/** What LangChain knows of a call of `runCode`. */
export type RunCodeCall = ToolRuntime & {
  /** Of LangGraph: ends this execution of the node; the next one gets the answer from it. */
  interrupt?(question: unknown): unknown;
};

/** Which calls wait for a person, by the tool's name: as in LangChain's `humanInTheLoopMiddleware`. */
export type InterruptOn = Record<string, boolean | InterruptOnConfig>;

/** How a call asks. */
export interface Interrupts {
  /** Set when LangGraph executes the node again: what was answered to the first question. */
  resumed: { answer: unknown } | undefined;
  ask(question: unknown): unknown;
}

type Request = PausedRun['requests'][number];
type Decision = Partial<HITLResponse['decisions'][number]>;

/**
 * LangGraph's interrupts, when there is a checkpointer that keeps them. It hands out answers in the order of the
 * questions, so one comes before the code does: without an answer nothing was asked yet.
 */
export async function openInterrupts({ interrupt }: RunCodeCall): Promise<Interrupts | undefined> {
  if (!interrupt) return undefined;
  try {
    return { resumed: { answer: await interrupt({}) }, ask: interrupt };
  } catch (error) {
    return isInterrupt(error) ? { resumed: undefined, ask: interrupt } : undefined;
  }
}

/** LangGraph's own signal, which must leave the node. */
export function isInterrupt(error: unknown): boolean {
  return (Object(error) as { is_bubble_up?: unknown }).is_bubble_up === true;
}

/**
 * Takes a run to its end, with one interrupt for all that it waits for at a time. An execution of the node after the first
 * goes on with the run that is there; it reads the answers of earlier rounds again, because they come in order.
 */
export async function stepWithInterrupts(
  { resumed, ask }: Interrupts,
  step: (decisions: Decisions | undefined) => Promise<RunResult | PausedRun>,
  toQuestion: (requests: Request[]) => Promise<HITLRequest>,
): Promise<RunResult | PausedRun> {
  let output = await step(resumed && []);
  for (let round = 0; output.status === 'approval-required'; round++) {
    const { requests } = output;
    const question = await toQuestion(requests);
    const answer = resumed && round === 0 ? resumed.answer : await ask(question);
    if (round >= output.round) output = await step(toDecisions(answer, requests, question));
  }
  return output;
}

/** The question in the shape of `humanInTheLoopMiddleware`, so that whatever shows its questions shows ours. */
export async function toQuestion(requests: Request[], call: RunCodeCall, interruptOn: InterruptOn) {
  const entries = requests.map(async (request) => {
    const { requestId, toolName: name, arguments: args } = request;
    const given = Object.hasOwn(interruptOn, name) ? interruptOn[name] : undefined;
    const {
      allowedDecisions = ['approve', 'edit', 'reject'],
      description = describeRequest(request),
      argsSchema,
    } = typeof given === 'object' ? given : ({} as Partial<InterruptOnConfig>);
    const toolCall = { type: 'tool_call' as const, id: requestId, name, args };
    const text =
      typeof description === 'string' ? description : await description(toolCall, call.state as never, call as never);
    const isEditable = 'editable' in request && request.editable === true;
    return {
      action: { name, args, description: text, request },
      review: {
        actionName: name,
        allowedDecisions: allowedDecisions.filter((type) => type !== 'edit' || isEditable),
        ...(argsSchema && { argsSchema }),
      },
    };
  });
  const asked = await Promise.all(entries);
  return { actionRequests: asked.map(({ action }) => action), reviewConfigs: asked.map(({ review }) => review) };
}

/** What is not clearly a yes is a no. What a decision says beyond LangChain's shape, such as `by`, goes to the session. */
function toDecisions(answer: unknown, requests: Request[], { reviewConfigs }: HITLRequest) {
  const given: unknown = (Object(answer) as Partial<HITLResponse>).decisions;
  const decisions: Decision[] = Array.isArray(given) && given.length === requests.length ? given.map(Object) : [];
  return requests.map(({ requestId, toolName }, index) => {
    const { type, ...rest } = decisions[index] ?? {};
    const allowed = reviewConfigs[index]?.allowedDecisions ?? [];
    const { editedAction, ...more } = 'editedAction' in rest ? rest : { ...rest, editedAction: undefined };
    if (type !== undefined && allowed.includes(type)) {
      if (type === 'approve') return { ...more, requestId, approved: true };
      if (type === 'reject') return { ...more, requestId, approved: false };
      if (editedAction?.name === toolName) return { ...more, requestId, approved: true, arguments: editedAction.args };
    }
    const expected = `{ decisions: [...] } with ${requests.length} of them, each one of ${allowed.join(', ')}`;
    return {
      requestId,
      approved: false,
      message: `Denied, because the answer was not understood: expected ${expected}.`,
    };
  });
}
