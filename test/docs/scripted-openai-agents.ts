import { type ModelRequest, setDefaultModelProvider, setTracingDisabled } from '@openai/agents';
import { assistantMessage, functionCall, modelResponder, ScriptedModel } from '@openai/agents/testing';

export * from '@openai/agents';

/*
 * In a documentation snippet `@openai/agents` is this file: the SDK, whose model calls `runCode` once, with the Python
 * block of the page, and then says what it got.
 */
const answer = modelResponder(({ request }) => [answerTo(request.input)]);
const model = new ScriptedModel(Array.from({ length: 20 }, () => answer));
setTracingDisabled(true);
setDefaultModelProvider({ getModel: () => model });

function answerTo(input: ModelRequest['input']) {
  const last = typeof input === 'string' ? undefined : input.at(-1);
  if (last?.type !== 'function_call_result')
    return functionCall('runCode', { code: process.env.MODEL_WRITES ?? '' }, { callId: 'call-1' });
  const { output } = last;
  return assistantMessage(typeof output === 'object' && 'text' in output ? output.text : JSON.stringify(output));
}
