import {
  type AgentOutputItem,
  type Model,
  type ModelRequest,
  setDefaultModelProvider,
  setTracingDisabled,
  Usage,
} from '@openai/agents';

export * from '@openai/agents';

/*
 * In a documentation snippet `@openai/agents` is this file: the SDK, whose model calls `runCode` once, with the Python
 * block of the page, and then says what it got.
 */
setTracingDisabled(true);
setDefaultModelProvider({ getModel: () => model });

const model: Model = {
  getResponse: async ({ input }) => ({ usage: new Usage(), output: [answerTo(input)] }),
  async *getStreamedResponse({ input }) {
    const response = { id: 'response', output: [answerTo(input)], usage: usageOf() };
    yield { type: 'response_done', response };
  },
};

function answerTo(input: ModelRequest['input']): AgentOutputItem {
  const last = typeof input === 'string' ? undefined : input.at(-1);
  const status = 'completed';
  if (last?.type !== 'function_call_result') {
    const code = JSON.stringify({ code: process.env.MODEL_WRITES ?? '' });
    return { type: 'function_call', callId: 'call-1', name: 'runCode', arguments: code, status };
  }
  const { output } = last;
  const text = typeof output === 'object' && 'text' in output ? output.text : JSON.stringify(output);
  return { type: 'message', role: 'assistant', status, content: [{ type: 'output_text', text }] };
}

function usageOf() {
  return { requests: 1, inputTokens: 1, outputTokens: 1, totalTokens: 2 };
}
