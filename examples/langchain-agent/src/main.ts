import type { SessionEvent } from '@code-mode/core';
import { codeModeMiddleware } from '@code-mode/langchain';
import { Command, MemorySaver } from '@langchain/langgraph';
import { createAgent, type HITLRequest } from 'langchain';
import { listInvoices, lookups, pay, payments, rightPayments, rightTotal } from './accounts.ts';
import { chooseModel } from './choose-model.ts';
import { askPerson } from './person.ts';
import { say } from './say.ts';

const QUESTION = 'Pay every invoice that is more than 30 days overdue. How many euros did you pay in all?';

await using codeMode = codeModeMiddleware({
  tools: [listInvoices, pay],
  interruptOn: { pay: { allowedDecisions: ['approve', 'reject'] } },
  onEvent: tell,
});
const agent = createAgent({ model: await chooseModel(), middleware: [codeMode], checkpointer: new MemorySaver() });
const config = { configurable: { thread_id: 'accounts' } };

say('user', QUESTION);
let state = await agent.invoke({ messages: [{ role: 'user', content: QUESTION }] }, config);
let questions = 0;
while (state.__interrupt__?.length) {
  questions++;
  // Days may lie between the two: Python stands still at the call, and the thread is in the checkpointer.
  const resume = askPerson(state.__interrupt__[0]?.value as HITLRequest);
  state = await agent.invoke(new Command({ resume }), config);
}
const answer = state.messages.at(-1)?.text ?? '';
say('model', answer);

const wrong = [
  ...(payments.toSorted().join() === rightPayments.join() ? [] : [`paid ${payments.join(', ') || 'nothing'}`]),
  ...(answer.replaceAll(/[.,](?=\d{3})/gu, '').includes(String(rightTotal)) ? [] : [`the total is ${rightTotal}`]),
  ...(questions > 0 ? [] : ['nobody was asked']),
  ...(process.env.OPENAI_API_KEY || lookups.count === 1 ? [] : [`looked up ${lookups.count} times`]),
];
if (wrong.length === 0) {
  say('demo', `Right: ${payments.join(' and ')} were paid once each, after ${questions} question to a person.`);
} else {
  say('demo', `WRONG: ${wrong.join('; ')}.`);
  process.exitCode = 1;
}

function tell(event: SessionEvent): void {
  if (event.type === 'run-start') say('model', event.code);
  if (event.type === 'output') say('python', event.text);
  if (event.type !== 'run-end') return;
  const { result } = event;
  if (result.status === 'failed') say('python', result.error.traceback);
  if (result.status === 'completed' && result.result !== undefined) say('python', `→ ${JSON.stringify(result.result)}`);
}
