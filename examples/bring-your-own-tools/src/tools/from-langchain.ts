import { fromLangChainTools } from '@code-mode/langchain';
import { tool } from '@langchain/core/tools';
import { z } from 'zod';
import { ORDERS } from '../shipping.ts';

const listOrders = tool(() => ORDERS, {
  name: 'list_orders',
  description: 'All orders: id, city, due (a date), shipping (what it cost, in euro).',
  schema: z.object({}),
});

/** LangChain tools: `tools.shop.list_orders`. */
export const langChainTools = fromLangChainTools([listOrders], { prefix: 'shop' });
