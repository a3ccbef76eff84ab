import { describeRequest, type PausedRun, type RunResult } from '@code-mode/core';
import type { ToolRuntime } from '@langchain/core/tools';
import type { HITLRequest, InterruptOnConfig } from 'langchain';

/** What LangChain knows of a call of `runCode`. */
export type RunCodeCall = ToolRuntime & {
  /** Of LangGraph: it ends this execution of the node, and gives the answer in the next one. */
  interrupt?(question: unknown): unknown;
};

/** Which tools wait for a person, by name: as in LangChain's `humanInTheLoopMiddleware`. */
export type InterruptOn = Record<string, boolean | InterruptOnConfig>;

type Request = PausedRun['requests'][number];
type Step = (decisions?: ReturnType<typeof toDecisions>) => Promise<RunResult | PausedRun>;

/**
 * Takes a run to its end, with one interrupt for all that it waits for at a time. A later execution of the node finds the
 * run that waits, and reads the answers of its earlier rounds once more. Resolves to nothing when there is no checkpointer
 * to keep an interrupt; then nothing has run.
 */
export async function stepWithInterrupts(call: RunCodeCall, interruptOn: InterruptOn, step: Step) {
  const { interrupt } = call;
  if (!interrupt) return undefined;
  // LangGraph hands out answers in the order of the questions. One comes before the code does: only a resume answers it.
  const answers: unknown[] = [];
  try {
    answers.push(await interrupt({}));
  } catch (error) {
    if (!isInterrupt(error)) return undefined;
  }
  let output = await step(answers.length > 0 ? [] : undefined);
  for (let round = 0; output.status === 'approval-required'; round++) {
    const question = await toQuestion(output.requests, call, interruptOn);
    const answer = answers.length > 0 ? answers.pop() : await interrupt(question);
    if (round >= output.round) output = await step(toDecisions(answer, output.requests, question));
  }
  return output;
}

/** LangGraph's own signal, which must leave the node. */
export function isInterrupt(error: unknown): boolean {
  return Reflect.get(Object(error), 'is_bubble_up') === true;
}

/** The question as `humanInTheLoopMiddleware` has it, so that what shows its questions shows this one. */
async function toQuestion(requests: Request[], call: RunCodeCall, interruptOn: InterruptOn): Promise<HITLRequest> {
  const pairs = requests.map(async (request) => {
    const { toolName: name, arguments: args } = request;
    const given: Partial<InterruptOnConfig> = Object(Object.hasOwn(interruptOn, name) && interruptOn[name]);
    const { allowedDecisions: all = ['approve', 'edit', 'reject'], description = describeRequest(request) } = given;
    const allowedDecisions = all.filter((type) => type !== 'edit' || Reflect.get(request, 'editable') === true);
    const toolCall = { type: 'tool_call' as const, id: request.requestId, name, args };
    const told =
      typeof description === 'string' ? description : await description(toolCall, call.state as never, call as never);
    const argsSchema = given.argsSchema && { argsSchema: given.argsSchema };
    return [
      { name, args, description: told, request },
      { actionName: name, allowedDecisions, ...argsSchema },
    ] as const;
  });
  const asked = await Promise.all(pairs);
  return { actionRequests: asked.map(([action]) => action), reviewConfigs: asked.map(([, review]) => review) };
}

/** What is not clearly a yes is a no. What a decision says beyond LangChain's shape, such as `by`, goes to the session. */
function toDecisions(answer: unknown, requests: Request[], { reviewConfigs }: HITLRequest) {
  const given: unknown = Reflect.get(Object(answer), 'decisions');
  const decisions: unknown[] = Array.isArray(given) && given.length === requests.length ? given : [];
  return requests.map(({ requestId, toolName }, index) => {
    const { type, editedAction, ...rest } = Object(decisions[index]);
    const allowed = reviewConfigs[index]?.allowedDecisions ?? [];
    if (allowed.includes(type) && (type !== 'edit' || editedAction?.name === toolName))
      return {
        ...rest,
        requestId,
        approved: type !== 'reject',
        ...(type === 'edit' && { arguments: editedAction.args }),
      };
    const expected = `{ decisions: [...] } with ${requests.length} of them, each one of ${allowed.join(', ')}`;
    return {
      requestId,
      approved: false,
      message: `Denied, because the answer was not understood: expected ${expected}.`,
    };
  });
}
