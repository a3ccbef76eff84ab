import { describeDisplay, type RunResult } from '@code-mode/core';
import { z } from 'zod';

/** Fields of a run's reply for what it has displayed. Images come beside the text. */
export const DISPLAY_FIELDS = {
  displays: z.array(z.string()).optional().describe('What was displayed besides the result, in order.'),
  displays_omitted: z.number().optional().describe('Displays that were left out: too many or too large.'),
};

/** Both are absent when there is nothing to tell. */
export function displayFields({ displays, displaysOmitted }: RunResult): {
  displays?: string[];
  displays_omitted?: number;
} {
  const shown = displays.filter(({ isResult }) => !isResult).map(describeDisplay);
  return {
    ...(shown.length > 0 && { displays: shown }),
    ...(displaysOmitted !== undefined && { displays_omitted: displaysOmitted }),
  };
}
