import { randomUUID } from 'node:crypto';
import type { ApprovalDecision, ApprovalRequest } from '@code-mode/core';
import { Agent, type FunctionCallItem, type Model, tool, Usage } from '@openai/agents';
import type { RunCodeCall } from './run-code-call.ts';

/**
 * A tool cannot interrupt a run of the SDK, but an agent inside of it can: this one has a model that repeats the calls that
 * wait, and tools that do nothing but wait for approval. So each is an interruption, which survives `RunState.toString()`.
 */
export class AskingAgent extends Agent {
  readonly #names = new Set<string>();
  /** The tool that asks must be this object: by it the SDK finds the agent when it restores a state. */
  readonly tool = this.asTool({
    customOutputExtractor: ({ interruptions, newItems }) => (interruptions.length > 0 ? '' : JSON.stringify(newItems)),
    // Nobody wants to see it, and the guardrails of others are not for it.
    runConfig: { tracingDisabled: true },
  });
  readonly #invoke = this.tool.invoke;

  constructor() {
    super({ name: 'runCode', model: echo, toolUseBehavior: 'stop_on_first_tool' });
  }

  override async getAllTools() {
    return [...this.#names].map((name) => ({ ...gate, name }) as never);
  }

  /** Resolves to nothing when the SDK must ask first: then the tool must end, and come back with its `resumeState`. */
  async ask(requests: ApprovalRequest[], { runContext, details, agentRun }: RunCodeCall) {
    const calls = requests.map((request): FunctionCallItem => {
      const { requestId, toolName: name, arguments: args } = request;
      this.#names.add(name);
      const call = { callId: `${agentRun}/${requestId}`, name, arguments: JSON.stringify(args) };
      return { type: 'function_call', ...call, status: 'completed', providerData: { request: { ...request } } };
    });
    const output = await this.#invoke(runContext, JSON.stringify({ input: JSON.stringify(calls) }), details);
    if (output === '') return undefined;
    const items: { rawItem: { callId?: string }; output?: string }[] = JSON.parse(String(output));
    const answers = new Map(items.map((item) => [item.output !== undefined && item.rawItem.callId, item.output]));
    return requests.map(({ requestId }): ApprovalDecision => {
      const message = answers.get(`${agentRun}/${requestId}`) ?? 'Nobody decided on this call.';
      return message === APPROVED ? { requestId, approved: true } : { requestId, approved: false, message };
    });
  }
}

/** What is said of a call that the SDK let through. No rejection can say it. */
const APPROVED = `approved ${randomUUID()}`;

const ANYTHING = { type: 'object' as const, properties: {}, required: [], additionalProperties: true as const };
const execute = () => APPROVED;
const gate = tool({ name: 'gate', description: '', parameters: ANYTHING, strict: false, needsApproval: true, execute });

const echo = {
  getResponse: async ({ input: [message] }) => ({ usage: new Usage(), output: JSON.parse(Object(message).content) }),
} as Model;
