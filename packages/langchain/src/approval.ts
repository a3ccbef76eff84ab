import * as core from '@code-mode/core';
import type { HITLRequest, InterruptOnConfig } from 'langchain';
import type { RunCodeCall } from './run-code-call.ts';

/** Which tools wait for a person, by name: as in LangChain's `humanInTheLoopMiddleware`. */
export type InterruptOn = Record<string, boolean | InterruptOnConfig>;

type Step = (decisions?: core.ApprovalDecision[]) => Promise<core.RunResult | core.PausedRun>;

/**
 * Takes a run to its end, with one interrupt for all that it waits for at a time. A later execution of the node finds the
 * run that waits, and reads the earlier answers once more. Without a checkpointer it does nothing, and resolves to nothing.
 */
export async function stepWithInterrupts(call: RunCodeCall, interruptOn: InterruptOn, step: Step) {
  if (!call.interrupt) return undefined;
  // LangGraph hands out answers in the order of the questions. One comes before the code does: only a resume answers it.
  const answers: unknown[] = [];
  try {
    answers.push(await call.interrupt({}));
  } catch (error) {
    if (!isInterrupt(error)) return undefined;
  }
  let output = await step(answers.length > 0 ? [] : undefined);
  for (let round = 0; output.status === 'approval-required'; round++) {
    const question = await toQuestion(output.requests, call, interruptOn);
    const answer = answers.length > 0 ? answers.pop() : await call.interrupt(question);
    if (round >= output.round) output = await step(toDecisions(answer, output.requests, question));
  }
  return output;
}

/** LangGraph's own signal, which must leave the node. */
export function isInterrupt(error: unknown): boolean {
  return Reflect.get(Object(error), 'is_bubble_up') === true;
}

/** The question as `humanInTheLoopMiddleware` has it, so that what shows its questions shows this one. */
async function toQuestion(requests: core.ApprovalRequest[], call: RunCodeCall, interruptOn: InterruptOn) {
  const question: HITLRequest = { actionRequests: [], reviewConfigs: [] };
  for (const request of requests) {
    const { toolName: name, arguments: args, requestId: id, editable } = request;
    const given: Partial<InterruptOnConfig> = Object(Object.hasOwn(interruptOn, name) && interruptOn[name]);
    const { allowedDecisions: all = ['approve', 'edit', 'reject'], description: told, argsSchema } = given;
    const tell = typeof told === 'function' ? told : () => told ?? core.describeRequest(request);
    const description = await tell({ type: 'tool_call', id, name, args }, call.state as never, call as never);
    question.actionRequests.push({ name, args, description, ...{ request } });
    const allowedDecisions = all.filter((type) => type !== 'edit' || editable);
    question.reviewConfigs.push({ actionName: name, allowedDecisions, ...(argsSchema && { argsSchema }) });
  }
  return question;
}

/** What is not clearly a yes is a no. What a decision says beyond LangChain's shape, such as `by`, goes to the session. */
function toDecisions(answer: unknown, requests: core.ApprovalRequest[], { reviewConfigs }: HITLRequest) {
  const given: unknown = Reflect.get(Object(answer), 'decisions');
  const decisions: unknown[] = Array.isArray(given) && given.length === requests.length ? given : [];
  return requests.map(({ requestId, toolName }, index): core.ApprovalDecision => {
    const { type, editedAction, ...rest } = Object(decisions[index]);
    const allowed = reviewConfigs[index]?.allowedDecisions ?? [];
    const edit = type === 'edit' && { arguments: editedAction?.args };
    if (allowed.includes(type) && (!edit || editedAction?.name === toolName))
      return { ...rest, requestId, approved: type !== 'reject', ...edit };
    const expected = `{ decisions: [...] } with ${requests.length} of them, each one of ${allowed.join(', ')}`;
    const message = `Denied, because the answer was not understood: expected ${expected}.`;
    return { requestId, approved: false, message };
  });
}
