import { randomUUID } from 'node:crypto';
import type { ApprovalDecision, ApprovalRequest } from '@code-mode/core';
import {
  Agent,
  type FunctionCallItem,
  type FunctionTool,
  type Model,
  type RunContext,
  type RunItem,
  tool,
  Usage,
} from '@openai/agents';

/** What the SDK hands to a tool beside its input. */
export type CallDetails = Parameters<FunctionTool['invoke']>[2];

/**
 * Asks for calls that Python makes as the SDK asks for calls that a model makes. A tool cannot interrupt a run, but an
 * agent inside the tool can: this one has a model that repeats the calls that wait, and a tool for each that does nothing
 * but wait for its approval. So each is an interruption of the whole run, which survives `RunState.toString()`.
 */
export class Approvals {
  readonly #agent = new AskingAgent();
  /** Give its identity to the tool that asks: by it the SDK finds the agent when it restores a state. */
  readonly tool = this.#agent.asTool({
    toolName: 'ask',
    toolDescription: '',
    parameters: CALLS,
    inputBuilder: ({ params }) => (params as { calls: string }).calls,
    customOutputExtractor: answersOf,
    // It is no agent that anybody wants to see, and the guardrails of others are not for it.
    runConfig: { tracingDisabled: true },
  });
  readonly #invoke = this.tool.invoke;

  /**
   * Resolves to undefined when the SDK must ask somebody first; then the tool must end, and come back with the SDK's
   * `resumeState`.
   * @param prefix makes the ids of the calls unique among all runs
   */
  async ask(
    requests: ApprovalRequest[],
    prefix: string,
    runContext: RunContext,
    details: CallDetails,
  ): Promise<ApprovalDecision[] | undefined> {
    this.#agent.expect(requests);
    const calls = requests.map((request) => toCall(request, `${prefix}/${request.requestId}`));
    const output = await this.#invoke(runContext, JSON.stringify({ calls: JSON.stringify(calls) }), details);
    if (output === '') return undefined;
    const answers = new Map(JSON.parse(String(output)) as [string, string][]);
    return requests.map(({ requestId }, index) => {
      const answer = answers.get(calls[index]?.callId ?? '');
      return answer === APPROVED
        ? { requestId, approved: true }
        : { requestId, approved: false, message: answer ?? 'Nobody decided on this call.' };
    });
  }
}

const CALLS = {
  type: 'object' as const,
  properties: { calls: { type: 'string' as const } },
  required: ['calls'],
  additionalProperties: false as const,
};

/** What the SDK says of a call that it let through. Nobody can say it in its place. */
const APPROVED = `approved ${randomUUID()}`;

const gate = tool({
  name: 'gate',
  description: '',
  parameters: { type: 'object', properties: {}, required: [], additionalProperties: true },
  strict: false,
  needsApproval: true,
  execute: () => APPROVED,
});

class AskingAgent extends Agent {
  readonly #names = new Set<string>();

  constructor() {
    super({ name: 'runCode', model: echo, toolUseBehavior: 'stop_on_first_tool' });
  }

  expect(requests: ApprovalRequest[]): void {
    for (const { toolName } of requests) this.#names.add(toolName);
  }

  override async getAllTools(): Promise<FunctionTool[]> {
    return [...this.#names].map((name) => ({ ...gate, name }) as unknown as FunctionTool);
  }
}

const echo: Model = {
  getResponse: async ({ input }) => ({ usage: new Usage(), output: JSON.parse(textOf(input)) as FunctionCallItem[] }),
  getStreamedResponse: () => {
    throw new Error('This model does not stream.');
  },
};

function textOf(input: Parameters<Model['getResponse']>[0]['input']): string {
  if (typeof input === 'string') return input;
  const [message] = input;
  return message && 'content' in message && typeof message.content === 'string' ? message.content : '[]';
}

function toCall(request: ApprovalRequest, callId: string): FunctionCallItem {
  const { toolName, arguments: args } = request;
  return {
    type: 'function_call',
    callId,
    name: toolName,
    arguments: JSON.stringify(args),
    status: 'completed',
    providerData: { request: JSON.parse(JSON.stringify(request)) },
  };
}

function answersOf({ interruptions, newItems }: { interruptions: unknown[]; newItems: RunItem[] }): string {
  if (interruptions.length > 0) return '';
  return JSON.stringify(
    newItems.flatMap((item) =>
      item.type === 'tool_call_output_item' && 'callId' in item.rawItem ? [[item.rawItem.callId, item.output]] : [],
    ),
  );
}
