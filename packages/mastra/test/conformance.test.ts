import { adapterConformance, type LoopOptions, type NeutralTool } from '@code-mode/core/testing';
import { Agent } from '@mastra/core/agent';
import { createTool } from '@mastra/core/tools';
import { createCodeMode } from '../src/index.ts';
import { programmer, toolResultsSeen } from './mock-model.ts';

adapterConformance('mastra', {
  async runLoop({ programs, tools = [], signal, onApproval, onEvent }: LoopOptions) {
    await using codeMode = createCodeMode({
      tools: Object.fromEntries(tools.map((neutral) => [neutral.name, toMastraTool(neutral)])),
      ...(onApproval && { onApproval }),
      ...(onEvent && { onEvent }),
    });
    const { model, prompts, descriptions } = programmer(...programs);
    const agent = new Agent({ id: 'a', name: 'a', instructions: 'x', model, tools: codeMode.tools });
    const { text, toolResults } = await agent.generate('go', {
      maxSteps: programs.length + 1,
      ...(signal && { abortSignal: signal }),
    });
    return {
      description: descriptions[0] ?? '',
      seen: toolResultsSeen(prompts),
      results: toolResults.map(({ payload }) => payload.result),
      finalText: text,
    };
  },
});

function toMastraTool({ name, description, inputSchema, needsApproval = false, execute }: NeutralTool) {
  return createTool({
    id: name,
    description,
    inputSchema,
    requireApproval: needsApproval,
    execute: async (input) => execute(input as Record<string, unknown>),
  });
}
