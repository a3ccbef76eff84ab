import { randomUUID } from 'node:crypto';
import type { ApprovalDecision, ApprovalRequest } from '@code-mode/core';
import {
  Agent,
  type FunctionCallItem,
  type FunctionTool,
  type Model,
  type RunContext,
  tool,
  Usage,
} from '@openai/agents';

/** What the SDK hands to a tool beside its input. */
export type CallDetails = Parameters<FunctionTool['invoke']>[2];

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
   * @param prefix makes the ids of the calls unique among all runs
   */
  async ask(requests: ApprovalRequest[], prefix: string, runContext: RunContext, details: CallDetails) {
    const calls = requests.map((request) => toCall(request, `${prefix}/${request.requestId}`));
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

function toCall(request: ApprovalRequest, callId: string): FunctionCallItem {
  const { toolName: name, arguments: args } = request;
  const providerData = { request: { ...request } };
  return { type: 'function_call', callId, name, arguments: JSON.stringify(args), status: 'completed', providerData };
}
