import type {
  AdapterHarness,
  AdapterOptions,
  LoopOptions,
  LoopOutcome,
  NeutralTool,
  OpenAdapter,
} from '@code-mode/core/testing';
import type * as AgentModule from '@mastra/core/agent';
import type * as MastraModule from '@mastra/core/mastra';
import type * as StorageModule from '@mastra/core/storage';
import type * as ToolsModule from '@mastra/core/tools';
import { Memory } from '@mastra/memory';
import { type CodeMode, createCodeMode } from '../src/index.ts';
import { programmer, toolResultsSeen } from './mock-model.ts';

type MastraVersion = Pick<typeof AgentModule, 'Agent'> &
  Pick<typeof MastraModule, 'Mastra'> &
  Pick<typeof StorageModule, 'InMemoryStore'> &
  Pick<typeof ToolsModule, 'createTool'>;

type OpenMastra = OpenAdapter & { codeMode: CodeMode };

/** Drives the adapter in a version of Mastra. */
export function mastraHarness({ Agent, Mastra, InMemoryStore, createTool }: MastraVersion): AdapterHarness {
  const toTool = ({ name, description, inputSchema, needsApproval = false, execute }: NeutralTool) =>
    createTool({
      id: name,
      description,
      inputSchema,
      requireApproval:
        typeof needsApproval === 'boolean' ? needsApproval : (input) => needsApproval({ ...Object(input) }),
      execute: async (input) => execute({ ...Object(input) }),
    });

  return {
    open({ tools = [], approval, onApproval, onEvent, limits = {} }: AdapterOptions): OpenMastra {
      const codeMode = createCodeMode({
        limits,
        ...(onApproval && { onApproval }),
        ...(onEvent && { onEvent }),
        tools: Object.fromEntries(tools.map((neutral) => [neutral.name, toTool(neutral)])),
      });
      return { codeMode, close: codeMode.close, loop };

      async function loop({ programs, signal, conversation, decide, resumeIn }: LoopOptions): Promise<LoopOutcome> {
        const { model, prompts, descriptions } = programmer(...programs);
        const storage = new InMemoryStore();
        // Each process has its agent; the storage is what they share.
        const agentOf = (mode: CodeMode) => {
          const memory = new Memory({ storage, options: { lastMessages: false } });
          const agent = new Agent({ id: 'a', name: 'a', instructions: 'x', model, tools: mode.tools, memory });
          if (approval) new Mastra({ agents: { agent }, storage, logger: false });
          return agent;
        };
        const options = {
          maxSteps: programs.length + 5,
          ...(signal && { abortSignal: signal }),
          ...(conversation !== undefined && { memory: { thread: conversation, resource: 'users' } }),
        };
        let result = await agentOf(codeMode).generate('go', options);
        while (result.finishReason === 'suspended') {
          const approved = (await decide?.(JSON.stringify(result.suspendPayload))) ?? false;
          const agent = agentOf(resumeIn ? (resumeIn as OpenMastra).codeMode : codeMode);
          result = await agent.resumeGenerate({ approved }, { ...options, runId: result.runId ?? '' });
        }
        return {
          description: descriptions[0] ?? '',
          seen: toolResultsSeen(prompts),
          results: result.toolResults.map(({ payload }) => payload.result),
          finalText: result.text,
        };
      }
    },
  };
}
