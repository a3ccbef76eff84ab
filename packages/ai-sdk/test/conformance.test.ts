import { adapterConformance, type LoopOptions, type NeutralTool } from '@code-mode/core/testing';
import { generateText, isStepCount, jsonSchema, type ToolSet, tool } from 'ai';
import { createCodeMode } from '../src/index.ts';
import { descriptionSeen, programmer, toolResultsSeen } from './mock-model.ts';

adapterConformance('ai-sdk', {
  async runLoop({ programs, tools = [], signal, onApproval, onEvent }: LoopOptions) {
    await using codeMode = createCodeMode({
      tools: Object.fromEntries(tools.map((neutral) => [neutral.name, toAiSdkTool(neutral)])),
      ...(onApproval && { onApproval }),
      ...(onEvent && { onEvent }),
    });
    const model = programmer(...programs);
    const { text, steps } = await generateText({
      model,
      tools: codeMode.tools,
      prompt: 'go',
      stopWhen: isStepCount(programs.length + 1),
      ...(signal && { abortSignal: signal }),
    });
    return {
      description: descriptionSeen(model),
      seen: toolResultsSeen(model).map(toSeen),
      results: steps.flatMap(({ toolResults }) => toolResults.map(({ output }) => output)),
      finalText: text,
    };
  },
});

function toAiSdkTool({ description, inputSchema, needsApproval = false, execute }: NeutralTool): ToolSet[string] {
  return tool({
    description,
    inputSchema: jsonSchema<Record<string, unknown>>(inputSchema),
    needsApproval,
    execute: async (input) => execute(input),
  });
}

function toSeen(output: ReturnType<typeof toolResultsSeen>[number]) {
  if (output.type === 'text') return { text: output.value, images: [] };
  if (output.type !== 'content') throw new Error(`runCode gave the model ${output.type}`);
  const text = output.value.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const images = output.value.flatMap((part) =>
    part.type === 'file' && part.data.type === 'data'
      ? [{ mediaType: part.mediaType, data: String(part.data.data) }]
      : [],
  );
  return { text, images };
}
