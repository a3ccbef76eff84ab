import type { Agent } from './run-agent.ts';

/** Finds nothing in the library, does the work, and leaves what others can use. */
export const learner: Agent = {
  name: 'learner',
  question: `What did we take in March, in euro (rounded)?
Leave what others can use: a workflow that reads all orders of a month, and the exchange rates as an artifact, because
every look-up costs money.`,
  script: {
    programs: [
      `
print("found:", workflows.search("orders of a month"), artifacts.list())
page = tools.list_orders(month=3, page=1)
print(page["pages"], "pages, an order:", page["orders"][0])
`,
      `
import asyncio

workflows.create("orders_of_month", '''
async def run(month: int) -> list[dict]:
    """All orders of a month, from every page.

    Args:
        month: 1 to 12.
    """
    import asyncio

    first = await tools.list_orders(month=month, page=1)
    rest = [tools.list_orders(month=month, page=page) for page in range(2, first["pages"] + 1)]
    return [order for page in [first, *await asyncio.gather(*rest)] for order in page["orders"]]
''')
orders = workflows.orders_of_month(month=3)

currencies = sorted({order["currency"] for order in orders})
found = await asyncio.gather(*(tools.exchange_rate(currency=currency) for currency in currencies))
rates = dict(zip(currencies, found))
artifacts.save("exchange-rates", rates, "Euro for one unit of each currency our customers pay in")

round(sum(order["amount"] * rates[order["currency"]] for order in orders))
`,
    ],
    answer: (read) => `In March we took ${/Result: (\d+)/u.exec(read)?.[1]} euro.`,
  },
};
