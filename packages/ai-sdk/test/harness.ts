import type { LanguageModelV4GenerateResult, LanguageModelV4Prompt } from '@ai-sdk/provider';
import type {
  AdapterHarness,
  AdapterOptions,
  LoopOptions,
  LoopOutcome,
  NeutralTool,
  OpenAdapter,
} from '@code-mode/core/testing';
import type * as AiSdk from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { type CodeMode, createCodeMode } from '../src/index.ts';
import { descriptionSeen, toolResultsSeen } from './mock-model.ts';

/** Drives the adapter in a version of the AI SDK. */
export function aiSdkHarness(
  ai: Pick<typeof AiSdk, 'generateText' | 'isStepCount' | 'jsonSchema' | 'tool'>,
): AdapterHarness {
  const toTool = ({ description, inputSchema, needsApproval = false, execute }: NeutralTool) =>
    ai.tool({
      description,
      inputSchema: ai.jsonSchema<Record<string, unknown>>(inputSchema),
      needsApproval,
      execute: async (input: Record<string, unknown>) => execute(input),
    });

  return {
    open({
      tools = [],
      approval,
      perConversation,
      onApproval,
      onEvent,
      limits = {},
    }: AdapterOptions): OpenAdapter & { codeMode: CodeMode } {
      const codeMode = createCodeMode({
        limits,
        ...(onApproval && { onApproval }),
        ...(onEvent && { onEvent }),
        tools: Object.fromEntries(tools.map((neutral) => [neutral.name, toTool(neutral)])),
        ...(perConversation && {
          sessionKey: ({ context }) => (context as { sessionId?: string } | undefined)?.sessionId,
        }),
      });
      return { codeMode, close: codeMode.close, loop };

      async function loop({ programs, signal, conversation, decide, resumeIn }: LoopOptions): Promise<LoopOutcome> {
        const model = programmerWhoReads(programs);
        const results: unknown[] = [];
        const messages: AiSdk.ModelMessage[] = [{ role: 'user', content: 'go' }];
        let { tools, toolApproval, instructions } = codeMode;
        for (;;) {
          const { content, text, responseMessages } = await ai.generateText({
            model,
            tools,
            instructions,
            messages: structuredClone(messages),
            stopWhen: ai.isStepCount(programs.length + 5),
            onToolExecutionEnd: ({ toolOutput }) =>
              void (toolOutput.type === 'tool-result' && results.push(toolOutput.output)),
            ...(approval && { toolApproval }),
            ...(signal && { abortSignal: signal }),
            ...(conversation !== undefined && { toolsContext: { runCode: { sessionId: conversation } } }),
          });
          messages.push(...responseMessages);
          const requests = content.filter((part) => part.type === 'tool-approval-request' && !part.isAutomatic);
          if (requests.length === 0) {
            return {
              description: descriptionSeen(model),
              seen: toolResultsSeen(model).map(toSeen),
              results,
              finalText: text,
            };
          }
          const asked = requests.map((part) => part.type === 'tool-approval-request' && part.reason).join('\n');
          const approved = (await decide?.(asked)) ?? false;
          messages.push({
            role: 'tool',
            content: requests.flatMap((part) =>
              part.type === 'tool-approval-request'
                ? [{ type: 'tool-approval-response', approvalId: part.approvalId, approved }]
                : [],
            ),
          });
          if (resumeIn)
            ({ tools, toolApproval, instructions } = (resumeIn as OpenAdapter & { codeMode: CodeMode }).codeMode);
        }
      }
    },
  };
}

/** A model that writes each program, again when it is told to, and then answers. */
function programmerWhoReads(programs: string[]): MockLanguageModelV4 {
  const left = [...programs];
  let calls = 0;
  let code: string | undefined;
  return new MockLanguageModelV4({
    doGenerate: async ({ prompt }): Promise<LanguageModelV4GenerateResult> => {
      code = lastText(prompt).includes('with exactly the same code') ? code : left.shift();
      const usage = {
        inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
        outputTokens: { total: 1, text: 1, reasoning: undefined },
      };
      if (code === undefined) {
        const content = [{ type: 'text' as const, text: 'done' }];
        return { content, finishReason: { unified: 'stop', raw: undefined }, usage, warnings: [] };
      }
      const call = { toolCallId: `c${++calls}`, toolName: 'runCode', input: JSON.stringify({ code }) };
      const content = [{ type: 'tool-call' as const, ...call }];
      return { content, finishReason: { unified: 'tool-calls', raw: undefined }, usage, warnings: [] };
    },
  });
}

function lastText(prompt: LanguageModelV4Prompt): string {
  return prompt.at(-1)?.role === 'tool' ? JSON.stringify(prompt.at(-1)?.content) : '';
}

function toSeen(output: ReturnType<typeof toolResultsSeen>[number]) {
  if (output.type === 'text' || output.type === 'error-text') return { text: output.value, images: [] };
  if (output.type === 'execution-denied') return { text: output.reason ?? 'denied', images: [] };
  if (output.type !== 'content') throw new Error(`runCode gave the model ${output.type}`);
  const text = output.value.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const images = output.value.flatMap((part) =>
    part.type === 'file' && part.data.type === 'data'
      ? [{ mediaType: part.mediaType, data: String(part.data.data) }]
      : [],
  );
  return { text, images };
}
