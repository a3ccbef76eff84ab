/** What a model wrote, kept so that the example runs without a key: two programs, and an answer after each. */
export const script: (string | ((read: string) => { answer: string }))[] = [
  `
orders = tools.list_orders()
late = [order for order in orders if order["daysLate"] > 3]
print(f"{len(late)} of {len(orders)} orders came more than three days late")
sum(order["euro"] for order in late)
`,
  (read) => {
    const [late] = read.split(' ');
    return {
      answer: `${late} orders came more than three days late; together they are worth ${lastResult(read)} euro.`,
    };
  },
  // The list is still there: the thread has a session of its own.
  `
import asyncio

async def refund(order):
    try:
        return await tools.refund(order=order["id"], euro=order["euro"] / 5)
    except Exception as error:
        return str(error)

outcomes = dict(zip((order["id"] for order in late), await asyncio.gather(*map(refund, late))))
print(outcomes)
list(outcomes.values()).count("paid")
`,
  (read) => ({ answer: `I paid ${lastResult(read)} refunds. The others were too high for the clerk.` }),
];

function lastResult(read: string): string {
  return read.match(/Result: (.*)$/u)?.[1] ?? '?';
}
