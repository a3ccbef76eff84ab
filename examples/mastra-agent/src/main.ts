import type { SessionEvent } from '@code-mode/core';
import { createCodeMode, type RunCodeSuspension } from '@code-mode/mastra';
import { Agent } from '@mastra/core/agent';
import { Mastra } from '@mastra/core/mastra';
import { InMemoryStore } from '@mastra/core/storage';
import { Memory } from '@mastra/memory';
import { askClerk } from './ask-clerk.ts';
import { chooseModel, realModel } from './choose-model.ts';
import { say } from './say.ts';
import { ledger, rightRefunds, shopTools } from './shop.ts';

const onEvent = (event: SessionEvent) => {
  if (event.type === 'run-start') say('model', event.code);
  if (event.type === 'output') say('python', event.text);
};
await using codeMode = createCodeMode({ tools: shopTools, onEvent });

// With a storage of its own, @mastra/libsql for example, memory and suspended runs outlive the process; Python does not.
const storage = new InMemoryStore();
const agent = new Agent({
  id: 'shop',
  name: 'Shop assistant',
  model: chooseModel(),
  instructions: `You work for a shop. ${codeMode.instructions}`,
  tools: codeMode.tools,
  memory: new Memory({ storage }),
});
new Mastra({ agents: { agent }, storage, logger: false });

const memory = { thread: 'november', resource: 'clerk' };

say('demo', `${realModel ?? 'A scripted model'} writes the programs; with OPENAI_API_KEY set, a real one does.`);
await ask('How many orders came more than three days late? Keep the list.');
await ask('Refund a fifth of the price of each of them, all at once. Tell me how many refunds were paid.');

const text = (refunds: typeof ledger) => JSON.stringify([...refunds].sort((a, b) => a.order.localeCompare(b.order)));
if (text(ledger) === text(rightRefunds())) {
  say('demo', `Right: TypeScript computes the same ${ledger.length} refunds, and none was paid twice.`);
} else {
  say('demo', `WRONG: paid ${text(ledger)}, expected ${text(rightRefunds())}.`);
  process.exitCode = 1;
}

/** One question of the conversation. While Python waits at calls that need an approval, the agent is suspended. */
async function ask(question: string): Promise<void> {
  say('user', question);
  let result = await agent.generate(question, { memory, maxSteps: 10 });
  while (result.finishReason === 'suspended') {
    // A server would end its request here. Whoever decides finds the run in the storage.
    const { runs } = await agent.listSuspendedRuns({ threadId: memory.thread, resourceId: memory.resource });
    const [run] = runs;
    if (!run) throw new Error('The suspended run is not in the storage.');
    const decisions = askClerk(run.toolCalls[0]?.suspendPayload as RunCodeSuspension);
    result = await agent.resumeGenerate({ decisions }, { runId: run.runId, memory, maxSteps: 10 });
  }
  say('agent', result.text);
}
