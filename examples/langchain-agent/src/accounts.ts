import { tool } from '@langchain/core/tools';
import { z } from 'zod';

interface Invoice {
  number: string;
  supplier: string;
  euros: number;
  daysOverdue: number;
}

const INVOICES: Invoice[] = [
  { number: 'A-17', supplier: 'Acme', euros: 480, daysOverdue: 41 },
  { number: 'B-02', supplier: 'Bolt', euros: 12_900, daysOverdue: 33 },
  { number: 'C-88', supplier: 'Cirrus', euros: 75, daysOverdue: 4 },
  { number: 'D-31', supplier: 'Dune', euros: 1_310, daysOverdue: 60 },
];

/** What has happened to the accounts, for the check in the end. */
export const payments: string[] = [];
export const lookups = { count: 0 };

/** What a right agent pays, when everything above 5,000 euros is refused. */
export const rightPayments = ['A-17', 'D-31'];
export const rightTotal = 480 + 1_310;

export const listInvoices = tool(
  () => {
    lookups.count++;
    return INVOICES;
  },
  { name: 'list_invoices', description: 'Open invoices: number, supplier, euros, daysOverdue.', schema: z.object({}) },
);

export const pay = tool(
  ({ invoice, euros }) => {
    payments.push(invoice);
    return { invoice, euros, reference: `P-${payments.length}` };
  },
  {
    name: 'pay',
    description: 'Pays an invoice. It cannot be undone.',
    schema: z.object({ invoice: z.string(), euros: z.number().positive() }),
  },
);
