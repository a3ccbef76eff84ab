import { setTimeout as sleep } from 'node:timers/promises';
import { tool } from 'ai';
import { z } from 'zod';

const SHOPS = ['Oslo', 'Bergen', 'Tromsø'] as const;

/** Kilos that each shop sold in a week. */
const SALES: Record<(typeof SHOPS)[number], Record<string, number>> = {
  Oslo: { Yirgacheffe: 31, Huila: 18, Antigua: 12, Mandheling: 9 },
  Bergen: { Yirgacheffe: 14, Huila: 16, Antigua: 6, Mandheling: 3 },
  Tromsø: { Yirgacheffe: 8, Huila: 11, Antigua: 10, Mandheling: 2 },
};

/** Kilos in the store. */
const STOCK: Record<string, number> = { Yirgacheffe: 29, Huila: 72, Antigua: 88, Mandheling: 26 };

/** What a database across the network would take to answer. */
const LATENCY_MS = 150;

export interface Order {
  coffee: string;
  kilos: number;
}

/** The tools of a coffee roaster, and the orders that were really made. */
export function openShop() {
  const orders: Order[] = [];
  const tools = {
    sales: tool({
      description: 'Kilos of each coffee that a shop sold last week, by name.',
      inputSchema: z.object({ shop: z.enum(SHOPS) }),
      outputSchema: z.record(z.string(), z.number()),
      execute: async ({ shop }) => {
        await sleep(LATENCY_MS);
        return SALES[shop];
      },
    }),
    stock: tool({
      description: 'Kilos of each coffee in the store, by name.',
      inputSchema: z.object({}),
      outputSchema: z.record(z.string(), z.number()),
      execute: () => STOCK,
    }),
    order: tool({
      description: 'Orders green coffee from the importer. It costs money.',
      inputSchema: z.object({ coffee: z.string(), kilos: z.number().positive() }),
      needsApproval: true,
      execute: ({ coffee, kilos }) => {
        orders.push({ coffee, kilos });
        return { number: `C-${orders.length}`, coffee, kilos };
      },
    }),
  };
  return { tools, orders };
}

/** The coffees, the one that runs out first at the beginning: what the answers are measured by. */
export function soonestFirst(): string[] {
  const sold = (coffee: string) => SHOPS.reduce((sum, shop) => sum + (SALES[shop][coffee] ?? 0), 0);
  const days = (coffee: string) => (STOCK[coffee] ?? 0) / sold(coffee);
  return Object.keys(STOCK).toSorted((a, b) => days(a) - days(b));
}
