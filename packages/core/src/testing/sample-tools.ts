import { defineTool } from '../tool-sources/function.ts';
import { type Tool, ToolError, ToolImage } from '../tool-sources/tool.ts';

/** The smallest PNG: one black pixel. */
export const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgAAAAAgAB5Sfe/AAAAABJRU5ErkJggg==';

const WEATHER: Record<string, { temp: number; sky: string }> = {
  Oslo: { temp: 4, sky: 'rain' },
  Rome: { temp: 19, sky: 'sun' },
  Cairo: { temp: 31, sky: 'sun' },
};

const anything = { type: 'object', additionalProperties: true } as const;

/** What the suites call: some that answer, some that fail, one that never answers. */
export function sampleTools(): Tool[] {
  return [
    defineTool({
      name: 'weather',
      description: 'Current weather of a city. Temperatures are in degrees Celsius.',
      input: {
        type: 'object',
        properties: { city: { type: 'string' }, units: { type: 'string', enum: ['C', 'F'], default: 'C' } },
        required: ['city'],
        additionalProperties: false,
      },
      execute: ({ city, units }) => {
        const found = WEATHER[String(city)];
        if (!found)
          throw new ToolError(`no weather for ${String(city)}`, { city: String(city), known: Object.keys(WEATHER) });
        return { city: String(city), temp: units === 'F' ? (found.temp * 9) / 5 + 32 : found.temp, sky: found.sky };
      },
    }),
    defineTool({ name: 'echo', description: 'Returns its arguments.', input: anything, execute: (input) => input }),
    defineTool({
      name: 'slow',
      description: 'Answers after a while.',
      input: {
        type: 'object',
        properties: { ms: { type: 'number' }, tag: {} },
        required: ['ms'],
        additionalProperties: false,
      },
      execute: ({ ms, tag }, { signal }) => pause(Number(ms), signal).then(() => tag ?? ms),
    }),
    meet(),
    defineTool({
      name: 'hang',
      description: 'Never answers and does not listen to its signal.',
      input: anything,
      execute: () => new Promise<never>(() => {}),
    }),
    defineTool({
      name: 'fail',
      description: 'Fails.',
      input: anything,
      execute: ({ message, details }) => {
        throw new ToolError(String(message ?? 'it failed'), details as never);
      },
    }),
    defineTool({
      name: 'text',
      description: 'Text of a length.',
      input: { type: 'object', properties: { length: { type: 'integer' } }, required: ['length'] },
      execute: ({ length }) => 'x'.repeat(Number(length)),
    }),
    defineTool({
      name: 'data',
      description: 'Bytes of a length.',
      input: { type: 'object', properties: { length: { type: 'integer' } }, required: ['length'] },
      execute: ({ length }) => {
        const bytes = new Uint8Array(Number(length));
        for (let index = 0; index < bytes.length; index++) bytes[index] = index;
        return bytes;
      },
    }),
    defineTool({
      name: 'picture',
      description: 'An image.',
      input: anything,
      execute: () => new ToolImage(Buffer.from(PIXEL, 'base64'), 'image/png'),
    }),
    defineTool({
      name: 'pay',
      description: 'Needs approval.',
      input: {
        type: 'object',
        properties: { amount: { type: 'number' } },
        required: ['amount'],
        additionalProperties: false,
      },
      needsApproval: true,
      execute: ({ amount }) => `paid ${String(amount)}`,
    }),
    defineTool({
      name: 'github.list-issues',
      description: 'Open issues of a repository.',
      input: {
        type: 'object',
        properties: { repo: { type: 'string' } },
        required: ['repo'],
        additionalProperties: false,
      },
      execute: ({ repo }) => [1, 2, 3].map((number) => ({ number, title: `${String(repo)} #${number}` })),
    }),
  ];
}

/** Answers nobody before `count` calls are waiting, then each at its `place`, 100 ms apart: proof that they run at once. */
function meet(): Tool {
  let waiting: (() => void)[] = [];
  return defineTool({
    name: 'meet',
    description: 'Waits until this many calls are waiting.',
    input: {
      type: 'object',
      properties: { count: { type: 'integer' }, place: { type: 'integer' }, tag: {} },
      required: ['count'],
      additionalProperties: false,
    },
    execute: async ({ count, place, tag }, { signal }) => {
      await new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        waiting.push(resolve);
        if (waiting.length < Number(count)) return;
        for (const answer of waiting) answer();
        waiting = [];
      });
      await pause((Number(place ?? 1) - 1) * 100, signal);
      return tag ?? null;
    },
  });
}

/** Resolves after `ms`, or rejects when the call is cancelled. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
