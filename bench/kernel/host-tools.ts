/** The host functions that every peer offers to its programs. The ipykernel driver has the same three in Python. */
export const hostTools = {
  echo: ({ value }: { value: number }): number => value,
  pause: async ({ ms }: { ms: number }): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return ms;
  },
  text: (): string => largeText,
};

export const LARGE_CHARS = 20_000_000;
export const PAUSE_MS = 100;

const largeText = 'a'.repeat(LARGE_CHARS);
