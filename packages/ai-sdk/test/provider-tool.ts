import type { ToolSet } from 'ai';
import { z } from 'zod';

/** A tool that the model provider runs, such as a hosted web search. */
export const webSearch: ToolSet[string] = {
  type: 'provider',
  id: 'openai.web_search',
  isProviderExecuted: true,
  args: {},
  inputSchema: z.object({}),
  outputSchema: z.unknown(),
};
