import { fromAiSdkTools } from '@code-mode/ai-sdk';
import { tool } from 'ai';
import { z } from 'zod';
import { STORMS } from '../shipping.ts';

const weather = tool({
  description: 'Whether there was a storm in a city on a day, written as 2026-11-02.',
  inputSchema: z.object({ city: z.string(), day: z.iso.date() }),
  outputSchema: z.object({ storm: z.boolean() }),
  execute: ({ city, day }) => ({ storm: STORMS.includes(`${city} ${day}`) }),
});

/** A tool set of the AI SDK: `tools.meteo.weather`. */
export const aiSdkTools = fromAiSdkTools({ weather }, { prefix: 'meteo' });
