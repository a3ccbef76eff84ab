import { createCodeMode } from '@code-mode/openai-agents';
import { Agent, RunState, run, setTracingDisabled } from '@openai/agents';
import { chooseModel, realModel } from './choose-model.ts';
import { decide } from './decide.ts';
import { judge } from './judge.ts';
import { say } from './say.ts';
import { shopTools } from './shop.ts';

const QUESTION = `Some orders arrived broken. Refund each of those in full, and tell me which refunds were made, which were not and why,
with the amounts. Refunds may be refused: go on with the others then.`;

// The example sends nothing to the trace of the SDK.
setTracingDisabled(true);

await using codeMode = createCodeMode({
  tools: shopTools,
  onEvent: (event) => {
    if (event.type === 'run-start') say('model', event.code);
    if (event.type === 'output') say('python', event.text);
    if (event.type === 'run-end' && event.result.status === 'failed') say('python', event.result.error.traceback);
  },
});
const { tools, instructions } = codeMode;
const agent = new Agent({ name: 'Clerk', model: chooseModel(), instructions, tools });

say('demo', realModel ?? 'A scripted model writes the programs; with OPENAI_API_KEY set, a real one does.');
say('user', QUESTION);
let result = await run(agent, QUESTION, { maxTurns: 20 });
while (result.interruptions.length > 0) {
  // Between the two lines may be an hour, and a database.
  const stored = result.state.toString();
  const state = await RunState.fromString<undefined, typeof agent>(agent, stored);
  say('demo', `The run was interrupted and stored: ${stored.length} characters. Python waits.`);
  for (const item of state.getInterruptions()) {
    const { approved, message } = decide(item);
    if (approved) state.approve(item);
    else state.reject(item, { message });
  }
  result = await run(agent, state, { maxTurns: 20 });
}
say('model', String(result.finalOutput));
judge(String(result.finalOutput));
