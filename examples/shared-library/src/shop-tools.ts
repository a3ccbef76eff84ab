import { tool } from 'ai';
import { z } from 'zod';

interface Order {
  customer: string;
  amount: number;
  currency: string;
}

const CUSTOMERS = ['Aurora', 'Borealis', 'Cirrus', 'Dune', 'Estuary'];
/** Euro for one unit. */
const RATES: Record<string, number> = { CHF: 1.06, EUR: 1, GBP: 1.18, JPY: 0.0062, USD: 0.92 };
const PAGE_SIZE = 10;

/** The tools of both agents: what a shop's own systems and a service that charges for each look-up might offer. */
export const shopTools = {
  list_orders: tool({
    description: 'One page of the orders of a month.',
    inputSchema: z.object({ month: z.number().int().min(1).max(12), page: z.number().int().min(1) }),
    execute: async ({ month, page }) => {
      const orders = ordersOf(month);
      const from = (page - 1) * PAGE_SIZE;
      return { pages: Math.ceil(orders.length / PAGE_SIZE), orders: orders.slice(from, from + PAGE_SIZE) };
    },
  }),
  exchange_rate: tool({
    description: 'Euro for one unit of a currency. Every look-up costs money.',
    inputSchema: z.object({ currency: z.string() }),
    execute: async ({ currency }) => {
      const rate = RATES[currency];
      if (rate === undefined) throw new Error(`There is no rate for ${JSON.stringify(currency)}.`);
      return rate;
    },
  }),
};

/** What came in, in euro, computed without any model: what the first agent is measured by. */
export function incomeOf(month: number): string {
  return String(Math.round(sum(ordersOf(month))));
}

/** Who ordered for most, computed without any model: what the second agent is measured by. */
export function bestCustomerOf(month: number): [customer: string, euro: string] {
  const totals = CUSTOMERS.map((customer) => ({
    customer,
    euro: sum(ordersOf(month).filter((order) => order.customer === customer)),
  }));
  const best = totals.reduce((a, b) => (b.euro > a.euro ? b : a));
  return [best.customer, String(Math.round(best.euro))];
}

/** Made up, and the same in every run. */
function ordersOf(month: number): Order[] {
  const currencies = Object.keys(RATES);
  return Array.from({ length: 30 + month }, (_, index) => {
    const number = (month * 7919 + index * 104_729) % 1009;
    const currency = currencies[index % currencies.length] as string;
    const customer = CUSTOMERS[number % CUSTOMERS.length] as string;
    return { customer, amount: (number + 10) * (currency === 'JPY' ? 100 : 1), currency };
  });
}

function sum(orders: Order[]): number {
  return orders.reduce((total, { amount, currency }) => total + amount * (RATES[currency] as number), 0);
}
