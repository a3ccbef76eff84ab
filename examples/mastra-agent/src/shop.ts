import { createTool } from '@mastra/core/tools';
import { z } from 'zod';

interface Order {
  id: string;
  euro: number;
  daysLate: number;
}

const orders: Order[] = Array.from({ length: 40 }, (_, n) => ({
  id: `order-${n + 1}`,
  euro: 10 + ((n * 37) % 290),
  daysLate: ((n * 7) % 11) - 5,
}));

/** What was paid back, in order: what the example is judged by. */
export const ledger: { order: string; euro: number }[] = [];

/** Refunds up to this need nobody's approval. */
const FREE_EURO = 20;

/** The tools of the agent. */
export const shopTools = {
  list_orders: createTool({
    id: 'list_orders',
    description: 'All orders of the month.',
    inputSchema: z.object({}),
    outputSchema: z.array(z.object({ id: z.string(), euro: z.number(), daysLate: z.number() })),
    execute: async () => orders,
  }),
  refund: createTool({
    id: 'refund',
    description: 'Pays a part of the price of an order back.',
    inputSchema: z.object({ order: z.string(), euro: z.number().positive() }),
    requireApproval: ({ euro }) => euro > FREE_EURO,
    execute: async ({ order, euro }) => {
      ledger.push({ order, euro });
      return 'paid';
    },
  }),
};

/** What the clerk of this example says to a refund that needs an approval. */
export function clerkApproves(euro: number): boolean {
  return euro <= 40;
}

/** The right refunds, computed without any model. */
export function rightRefunds(): { order: string; euro: number }[] {
  return orders
    .filter(({ daysLate }) => daysLate > 3)
    .map(({ id, euro }) => ({ order: id, euro: euro / 5 }))
    .filter(({ euro }) => euro <= FREE_EURO || clerkApproves(euro));
}
