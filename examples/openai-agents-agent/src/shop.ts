import { tool } from '@openai/agents';
import { z } from 'zod';

export interface Order {
  id: string;
  total: number;
  note: string;
}

/** What a refund may cost before somebody has to look at it. */
const FREE_LIMIT = 50;

export const orders: Order[] = [
  { id: 'A-1', total: 19.9, note: 'arrived broken' },
  { id: 'A-2', total: 45, note: 'fine' },
  { id: 'A-3', total: 80, note: 'arrived broken' },
  { id: 'A-4', total: 310, note: 'fine' },
  { id: 'A-5', total: 140, note: 'arrived broken' },
];

/** Refunds that were made, in order. */
export const refunds: { id: string; amount: number }[] = [];

export const shopTools = [
  tool({
    name: 'list_orders',
    description: 'All orders: [{id, total, note}].',
    parameters: z.object({}),
    execute: () => orders,
  }),
  tool({
    name: 'refund',
    description: 'Pays money back for an order. Returns the id of the payment.',
    parameters: z.object({ id: z.string(), amount: z.number() }),
    needsApproval: async (_runContext, { amount }) => amount > FREE_LIMIT,
    execute: ({ id, amount }) => {
      refunds.push({ id, amount });
      return `payment-${refunds.length}`;
    },
  }),
];
