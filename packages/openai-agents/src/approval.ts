import { randomUUID } from 'node:crypto';
import type { ApprovalDecision, ApprovalRequest } from '@code-mode/core';
import { Agent, type FunctionCallItem, type FunctionTool, type Model, tool, Usage } from '@openai/agents';
import type { RunCodeCall } from './run-code-call.ts';

/**
 * Asks for calls that Python makes as the SDK asks for those of a model. A tool cannot interrupt a run, but an agent inside
 * of it can: this one has a model that repeats the calls that wait, and tools that do nothing but wait for approval. So
 * each is an interruption of the whole run, which survives `RunState.toString()`.
 */
export class AskingAgent extends Agent {
  readonly #names = new Set<string>();
  /** The tool that asks must be this object: by it the SDK finds the agent when it restores a state. */
  readonly tool = this.asTool({
    customOutputExtractor: ({ interruptions, newItems }) => {
      const outputs = newItems.filter((item) => item.type === 'tool_call_output_item');
      const answers = outputs.map(({ rawItem, output }) => [(rawItem as { callId?: string }).callId, output]);
      return interruptions.length > 0 ? '' : JSON.stringify(answers);
    },
    // Nobody wants to see it, and the guardrails of others are not for it.
    runConfig: { tracingDisabled: true },
  });
  readonly #invoke = this.tool.invoke;

  constructor() {
    super({ name: 'runCode', model: echo, toolUseBehavior: 'stop_on_first_tool' });
  }

  override async getAllTools(): Promise<FunctionTool[]> {
    return [...this.#names].map((name) => ({ ...gate, name }) as unknown as FunctionTool);
  }

  /**
   * Resolves to undefined when the SDK must ask somebody first; then the tool must end, and come back with the SDK's
   * `resumeState`.
   */
  async ask(requests: ApprovalRequest[], { runContext, details, agentRun }: RunCodeCall) {
    const calls = requests.map((request) => toFunctionCall(request, agentRun));
    for (const { name } of calls) this.#names.add(name);
    const output = await this.#invoke(runContext, JSON.stringify({ input: JSON.stringify(calls) }), details);
    if (output === '') return undefined;
    const answers = new Map(JSON.parse(String(output)) as [string, string][]);
    return requests.map(({ requestId }, index): ApprovalDecision => {
      const message = answers.get(calls[index]?.callId ?? '') ?? 'Nobody decided on this call.';
      return message === APPROVED ? { requestId, approved: true } : { requestId, approved: false, message };
    });
  }
}

/** What is said of a call that the SDK let through. No rejection can say it. */
const APPROVED = `approved ${randomUUID()}`;

const gate = tool({
  name: 'gate',
  description: '',
  parameters: { type: 'object', properties: {}, required: [], additionalProperties: true },
  strict: false,
  needsApproval: true,
  execute: () => APPROVED,
});

const echo: Model = {
  getResponse: async ({ input }) => {
    const [message] = input as { content: string }[];
    return { usage: new Usage(), output: JSON.parse(message?.content ?? '[]') as FunctionCallItem[] };
  },
  getStreamedResponse: () => {
    throw new Error('This model does not stream.');
  },
};

/** With the name of the run its id is unique, and finds the run again. */
function toFunctionCall(request: ApprovalRequest, agentRun: string): FunctionCallItem {
  const { toolName: name, arguments: args, requestId } = request;
  const call = { callId: `${agentRun}/${requestId}`, name, arguments: JSON.stringify(args) };
  return { type: 'function_call', ...call, status: 'completed', providerData: { request: { ...request } } };
}
