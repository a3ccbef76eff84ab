import { fromOpenAIAgentsTools } from '@code-mode/openai-agents';
import { tool } from '@openai/agents';
import { z } from 'zod';
import { ASK_ABOVE, refunds } from '../shipping.ts';

const refund = tool({
  name: 'refund',
  description: 'Pays the shipping of an order back. Returns the number of the payment.',
  parameters: z.object({ order: z.string(), euros: z.number() }),
  // The gate of the tool holds wherever the call comes from.
  needsApproval: async (_context, { euros }) => euros > ASK_ABOVE,
  execute: ({ order, euros }) => {
    refunds.push(`${order}: ${euros}`);
    return `P-${refunds.length}`;
  },
});

/** Function tools of the OpenAI Agents SDK: `tools.bank.refund`. */
export const openAIAgentsTools = fromOpenAIAgentsTools([refund], { prefix: 'bank' });
