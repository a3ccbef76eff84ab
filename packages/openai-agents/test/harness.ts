import type {
  AdapterHarness,
  AdapterOptions,
  LoopOptions,
  LoopOutcome,
  NeutralTool,
  OpenAdapter,
} from '@code-mode/core/testing';
import type * as OpenAIAgents from '@openai/agents';
import type { AgentInputItem, AgentOutputItem, FunctionCallItem, Model, Tool } from '@openai/agents';
import { type CodeMode, createCodeMode } from '../src/index.ts';

/** Drives the adapter in a version of the SDK. */
export function openAIAgentsHarness(
  sdk: Pick<typeof OpenAIAgents, 'Agent' | 'Runner' | 'RunState' | 'tool' | 'Usage'>,
): AdapterHarness {
  const toTool = ({ name, description, inputSchema, needsApproval = false, execute }: NeutralTool) =>
    sdk.tool({
      name,
      description,
      parameters: inputSchema as never,
      strict: false,
      needsApproval:
        typeof needsApproval === 'function'
          ? async (_runContext, input) => needsApproval(input as Record<string, unknown>)
          : needsApproval,
      // The SDK would hide from the model, and so from Python, what went wrong.
      errorFunction: null,
      execute: async (input) => execute(input as Record<string, unknown>),
    });

  return {
    open({ tools = [], approval, onApproval, onEvent, limits }: AdapterOptions): OpenAdapter & { codeMode: CodeMode } {
      const codeMode = createCodeMode({
        tools: tools.map(toTool) as Tool[],
        ...(onApproval && { onApproval }),
        ...(onEvent && { onEvent }),
        ...(limits && { limits }),
        interrupt: approval === 'framework',
      });
      return { codeMode, close: codeMode.close, loop };

      async function loop({ programs, signal, conversation, decide, resumeIn }: LoopOptions): Promise<LoopOutcome> {
        const inputs: Parameters<Model['getResponse']>[0][] = [];
        const left = [...programs];
        const step = (): AgentOutputItem => {
          const code = left.shift();
          if (code !== undefined) return call(`c${programs.length - left.length}`, code);
          return {
            type: 'message',
            role: 'assistant',
            status: 'completed',
            content: [{ type: 'output_text', text: 'done' }],
          };
        };
        const model: Model = {
          getResponse: async (request) => {
            inputs.push(request);
            return { usage: new sdk.Usage(), output: [step()] };
          },
          getStreamedResponse: () => {
            throw new Error('not streamed');
          },
        };
        const agentOf = ({ tools, instructions }: CodeMode) =>
          new sdk.Agent({ name: 'programmer', model, tools, instructions });
        const runner = new sdk.Runner({ tracingDisabled: true });
        const context: unknown = { threadId: conversation };
        let agent = agentOf(codeMode);
        const limits = { maxTurns: programs.length + 2, ...(signal && { signal }) };
        const resume = (state: OpenAIAgents.RunState<unknown, typeof agent>) => runner.run(agent, state, limits);
        let result: Awaited<ReturnType<typeof resume>> = await runner.run(agent, 'go', {
          context,
          maxTurns: programs.length + 2,
          ...(signal && { signal }),
        });
        while (result.interruptions.length > 0) {
          if (resumeIn) agent = agentOf((resumeIn as OpenAdapter & { codeMode: CodeMode }).codeMode);
          const state = await sdk.RunState.fromString(agent, result.state.toString());
          const asked = state.getInterruptions().map(({ name, arguments: args }) => `${name} ${args}`);
          const approved = (await decide?.(asked.join('\n'))) ?? false;
          for (const item of state.getInterruptions()) approved ? state.approve(item) : state.reject(item);
          result = await resume(state);
        }
        return {
          description: descriptionIn(inputs[0]),
          seen: itemsOf(inputs.at(-1)).flatMap(toSeen),
          results: result.newItems.flatMap((item) =>
            item.type === 'tool_call_output_item' && item.customData ? [item.customData] : [],
          ),
          finalText: String(result.finalOutput),
        };
      }
    },
  };
}

function call(callId: string, code: string): FunctionCallItem {
  return { type: 'function_call', callId, name: 'runCode', arguments: JSON.stringify({ code }), status: 'completed' };
}

function descriptionIn(request: Parameters<Model['getResponse']>[0] | undefined): string {
  const [runCode] = request?.tools ?? [];
  return runCode?.type === 'function' ? runCode.description : '';
}

function itemsOf(request: Parameters<Model['getResponse']>[0] | undefined): AgentInputItem[] {
  return typeof request?.input === 'object' ? request.input : [];
}

function toSeen(item: AgentInputItem): LoopOutcome['seen'] {
  if (item.type !== 'function_call_result') return [];
  const parts = [item.output].flat() as { type: string; text?: string; image?: unknown }[];
  const text = parts.map((part) => part.text ?? '').join('');
  const images = parts.flatMap(({ type, image }) => {
    if (type !== 'input_image') return [];
    const [, mediaType = '', data = ''] = /^data:(.*?);base64,(.*)$/su.exec(String(image)) ?? [];
    return [{ mediaType, data }];
  });
  return [{ text, images }];
}
