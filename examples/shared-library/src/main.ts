import { finder } from './finder.ts';
import { learner } from './learner.ts';
import { startRedis } from './redis-server.ts';
import { runAgent } from './run-agent.ts';
import { say } from './say.ts';
import { bestCustomerOf, incomeOf } from './shop-tools.ts';

await using redis = await startRedis().catch((error: Error): never => {
  console.error(error.message);
  process.exit(1);
});

const learned = await runAgent(learner, redis.url);
const used = await runAgent(finder, redis.url);

const income = incomeOf(3);
const [customer, euro] = bestCustomerOf(5);
const wrong = [
  ...(learned.answer.includes(income) ? [] : [`the income of March is ${income}`]),
  ...(used.answer.includes(customer) && used.answer.includes(euro) ? [] : [`the best of May is ${customer}, ${euro}`]),
  // The answers alone do not tell whether the second agent has used what the first one left.
  ...(used.calls.has('workflows.orders_of_month') ? [] : ['the finder did not call the workflow']),
  ...(used.calls.has('artifacts.load') ? [] : ['the finder did not load the artifact']),
  ...(used.calls.has('tools.exchange_rate') ? ['the finder paid for exchange rates'] : []),
];
if (wrong.length === 0) {
  say('demo', `Right: TypeScript computes ${[income, customer, euro].join(', ')}, and no rate was paid for twice.`);
} else {
  say('demo', `WRONG: ${wrong.join('; ')}.`);
  process.exitCode = 1;
}
