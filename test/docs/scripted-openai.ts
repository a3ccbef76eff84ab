import { registerHooks } from 'node:module';

/*
 * In a documentation snippet `@ai-sdk/openai` is this file: a model that calls `runCode` once, with the Python block of
 * the page, and then says what it got.
 */
registerHooks({
  resolve: (specifier, context, next) => {
    if (specifier === '@ai-sdk/openai') return { url: import.meta.url, shortCircuit: true };
    if (specifier === '@langchain/openai')
      return { url: new URL('./scripted-langchain.ts', import.meta.url).href, shortCircuit: true };
    if (specifier === '@openai/agents' && context.parentURL?.includes('/.snippets/'))
      return { url: new URL('./scripted-openai-agents.ts', import.meta.url).href, shortCircuit: true };
    return next(specifier, context);
  },
});

const { MockLanguageModelV4 } = await import('ai/test');
const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
};

/** Stands for a model of OpenAI. */
export function openai(_name: string) {
  return new MockLanguageModelV4({
    doGenerate: async ({ prompt }) => {
      const last = prompt.at(-1);
      if (last?.role !== 'tool') return step('tool-calls', toolCall(process.env.MODEL_WRITES ?? ''));
      const part = last.content[0];
      const output = part?.type === 'tool-result' ? part.output : undefined;
      return step('stop', { type: 'text', text: output?.type === 'text' ? output.value : JSON.stringify(output) });
    },
  });
}

function toolCall(code: string) {
  return { type: 'tool-call' as const, toolCallId: 'call-1', toolName: 'runCode', input: JSON.stringify({ code }) };
}

function step(unified: 'tool-calls' | 'stop', content: ReturnType<typeof toolCall> | { type: 'text'; text: string }) {
  return { content: [content], finishReason: { unified, raw: undefined }, usage, warnings: [] };
}
