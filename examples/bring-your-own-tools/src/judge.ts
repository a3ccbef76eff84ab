import { say } from './say.ts';
import { ASK_ABOVE, asked, REFUSE_ABOVE, refunds, rightOrders } from './shipping.ts';

/** Compares what was done with what should have been, and sets the exit code. */
export function judge(answer: string, memory: string): void {
  const list = (orders: typeof rightOrders) => orders.map(({ id, shipping }) => `${id}: ${shipping}`).join(', ');
  const shouldPay = list(rightOrders.filter(({ shipping }) => shipping <= REFUSE_ABOVE));
  const shouldAsk = list(rightOrders.filter(({ shipping }) => shipping > ASK_ABOVE));
  const paid = refunds.toSorted().join(', ');
  const wrong = [
    ...(paid === shouldPay ? [] : [`refunded ${paid || 'nothing'}, expected ${shouldPay}`]),
    ...(asked.toSorted().join(', ') === shouldAsk ? [] : [`asked about ${asked.join(', ')}, expected ${shouldAsk}`]),
    ...rightOrders.filter(({ id }) => !memory.includes(id)).map(({ id }) => `${id} is not in the memory`),
    ...rightOrders.filter(({ id }) => !answer.includes(id)).map(({ id }) => `${id} is not in the answer`),
  ];
  if (wrong.length === 0) {
    say(
      'demo',
      `Right: ${paid} were refunded once each, ${asked.length} of the calls were asked about, and the MCP server remembers.`,
    );
    return;
  }
  say('demo', `WRONG: ${wrong.join('; ')}.`);
  process.exitCode = 1;
}
