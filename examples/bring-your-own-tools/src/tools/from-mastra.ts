import { fromMastraTools } from '@code-mode/mastra';
import { createTool } from '@mastra/core/tools';
import { z } from 'zod';
import { DAYS_LATE } from '../shipping.ts';

const track = createTool({
  id: 'track',
  description: 'How many days late the parcel of an order came.',
  inputSchema: z.object({ order: z.string() }),
  outputSchema: z.object({ daysLate: z.int() }),
  execute: async ({ order }) => ({ daysLate: DAYS_LATE[order] ?? 0 }),
});

/** Tools of a Mastra agent: `tools.post.track`. */
export const mastraTools = fromMastraTools({ track }, { prefix: 'post' });
