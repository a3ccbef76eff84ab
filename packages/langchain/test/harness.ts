import { randomUUID } from 'node:crypto';
import type {
  AdapterHarness,
  AdapterOptions,
  LoopOptions,
  LoopOutcome,
  NeutralTool,
  OpenAdapter,
} from '@code-mode/core/testing';
import { type ClientTool, tool } from '@langchain/core/tools';
import { Command, MemorySaver } from '@langchain/langgraph';
import type * as LangChain from 'langchain';
import { AIMessage, fakeModel, humanInTheLoopMiddleware, type InterruptOnConfig, ToolMessage } from 'langchain';
import { vi } from 'vitest';
import { type CodeMode, createCodeMode, type InterruptOn } from '../src/index.ts';

/** Drives the adapter in a version of LangChain. */
export function langchainHarness({ createAgent }: Pick<typeof LangChain, 'createAgent'>): AdapterHarness {
  return {
    open({ tools = [], approval, onApproval, onEvent, limits = {} }: AdapterOptions): Opened {
      const running = new Map<string, PromiseWithResolvers<void>>();
      const codeMode = createCodeMode({
        limits,
        ...(onApproval && { onApproval }),
        onEvent: (event) => {
          onEvent?.(event);
          if (event.type === 'run-start') running.set(event.runId, Promise.withResolvers());
          if (event.type === 'run-end') running.get(event.runId)?.resolve();
        },
        tools: tools.map(toTool),
        interruptOn: Object.fromEntries(tools.map(({ name, needsApproval = false }) => [name, toGate(needsApproval)])),
      });
      return { codeMode, close: codeMode.close, loop };

      async function loop({ programs, signal, conversation, decide, resumeIn }: LoopOptions): Promise<LoopOutcome> {
        const model = programmer(...programs);
        const bindTools = vi.spyOn(model, 'bindTools');
        const checkpointer = new MemorySaver();
        const agentOf = ({ tools, instructions }: CodeMode) =>
          createAgent({
            model,
            tools,
            systemPrompt: instructions,
            ...(approval && { checkpointer }),
          });
        const thread_id = conversation ?? (approval && randomUUID());
        const config = { ...(signal && { signal }), ...(thread_id && { configurable: { thread_id } }) };
        let agent = agentOf(codeMode);
        const start = agent.invoke({ messages: [{ role: 'user', content: 'go' }] }, config);
        // LangChain does not wait for a tool that it aborts.
        const ended = async () => await Promise.all([...running.values()].map(({ promise }) => promise));
        let state: Interrupted = await start.catch(async (error: unknown) => {
          await ended();
          throw error;
        });
        while (state.__interrupt__?.length) {
          const [question] = state.__interrupt__;
          const approved = (await decide?.(JSON.stringify(question?.value))) ?? false;
          if (resumeIn) agent = agentOf((resumeIn as Opened).codeMode);
          const { actionRequests } = { actionRequests: [], ...(question?.value as Partial<LangChain.HITLRequest>) };
          const decisions = actionRequests.map(() => ({ type: approved ? 'approve' : 'reject' }));
          state = await agent.invoke(new Command({ resume: { decisions } }), config);
        }
        const results = state.messages.filter((message) => ToolMessage.isInstance(message));
        return {
          description: String(Reflect.get(bindTools.mock.calls[0]?.[0][0] ?? {}, 'description')),
          seen: toolMessagesSeen(model).map(toSeen),
          results: results.map(({ artifact }) => artifact),
          finalText: state.messages.at(-1)?.text ?? '',
        };
      }
    },
  };
}

type Opened = OpenAdapter & { codeMode: CodeMode };
type Interrupted = { messages: LangChain.BaseMessage[]; __interrupt__?: { value?: unknown }[] };
type Model = ReturnType<typeof fakeModel>;

/** A model that writes each program in turn and then answers. */
export function programmer(...programs: string[]): Model {
  return caller(...programs.map((code) => ({ name: 'runCode', args: { code } })));
}

/** A model that makes each call in turn and then answers. */
export function caller(...calls: { name: string; args: Record<string, unknown> }[]): Model {
  const model = fakeModel();
  for (const [index, call] of calls.entries()) model.respondWithTools([{ ...call, id: `c${index}` }]);
  return model.respond(new AIMessage('done'));
}

function toTool({ name, description, inputSchema, execute }: NeutralTool): ClientTool {
  return tool(async (input) => execute(input as Record<string, unknown>), { name, description, schema: inputSchema });
}

function toGate(needsApproval: NonNullable<NeutralTool['needsApproval']>): boolean | InterruptOnConfig {
  if (typeof needsApproval === 'boolean') return needsApproval;
  return { allowedDecisions: ['approve', 'reject'], when: ({ toolCall }) => needsApproval(toolCall.args) };
}

/** The messages of tools that the model was given. */
export function toolMessagesSeen(model: Model): ToolMessage[] {
  return (model.calls.at(-1)?.messages ?? []).filter((message) => ToolMessage.isInstance(message));
}

function toSeen({ content }: ToolMessage): LoopOutcome['seen'][number] {
  if (typeof content === 'string') return { text: content, images: [] };
  const parts = content as { type: string; text?: string; mimeType: string; data: string }[];
  return {
    text: parts.map(({ text = '' }) => text).join(''),
    images: parts.filter(({ type }) => type === 'image').map(({ mimeType, data }) => ({ mediaType: mimeType, data })),
  };
}

/** LangChain's own gate on the model's calls. Its types do not hold with `exactOptionalPropertyTypes`. */
export function wholeRunGate(interruptOn: InterruptOn): LangChain.AgentMiddleware {
  return humanInTheLoopMiddleware({ interruptOn } as never) as unknown as LangChain.AgentMiddleware;
}
