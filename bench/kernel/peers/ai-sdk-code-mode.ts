import { createRequire } from 'node:module';
import { hostTools } from '../host-tools.ts';
import type { Outcome, Peer, PeerSession } from '../peer.ts';
import { programsFrom } from '../programs.ts';

type Library = typeof import('@ai-sdk/code-mode');
type Tools = Parameters<Library['experimental_runCodeMode']>[0]['tools'];

const FORGETS = 'every run is a fresh context; there is no session that stays';

/** AI SDK code mode: JavaScript in QuickJS, in a worker thread of this process. Its API is experimental. */
export class AiSdkCodeModePeer implements Peer {
  readonly name = 'ai-sdk';
  readonly label = 'AI SDK code mode (JS)';
  readonly memorySessions = 0;
  readonly notMeasured = { memory: FORGETS, many: FORGETS };
  readonly programs = programsFrom({
    onePlusOne: 'return 1+1',
    calls: (count) => `let r; for (let i = 0; i < ${count}; i++) r = await tools.echo({ value: i }); return r`,
    gathered: (count, ms) =>
      `return (await Promise.all(Array.from({ length: ${count} }, () => tools.pause({ ms: ${ms} })))).length`,
    largeIn: 'return (await tools.text({})).length',
    largeOut: (chars) => `return "a".repeat(${chars})`,
    remember: () => '',
    recall: '',
  });

  #library: Library | undefined;
  #tools: Tools = {};

  async install(): Promise<void> {}

  async load(): Promise<void> {
    const [library, { tool }, { z }] = await Promise.all([import('@ai-sdk/code-mode'), import('ai'), import('zod')]);
    this.#library = library;
    this.#tools = {
      echo: tool({ description: '', inputSchema: z.object({ value: z.number() }), execute: hostTools.echo }),
      pause: tool({ description: '', inputSchema: z.object({ ms: z.number() }), execute: hostTools.pause }),
      text: tool({ description: '', inputSchema: z.object({}), execute: hostTools.text }),
    };
  }

  async version(): Promise<string> {
    const { version } = createRequire(import.meta.url)('@ai-sdk/code-mode/package.json');
    return `@ai-sdk/code-mode ${version}`;
  }

  async open(): Promise<PeerSession> {
    return { run: (js) => this.#run(js), close: async () => {} };
  }

  async close(): Promise<void> {}

  async #run(js: string): Promise<Outcome> {
    if (!this.#library) throw new Error('load() comes before open().');
    // The defaults refuse 1,000 calls, 100 at once and 20 MB, so the rows would have nothing to measure.
    const executionPolicy = {
      // A long text leaves at some 2 us a character: 20 MB do not arrive within the default 30 s either.
      timeoutMs: 10_000,
      memoryLimitBytes: 1024 ** 3,
      maxResultBytes: 64 * 1024 ** 2,
      maxToolOutputBytes: 64 * 1024 ** 2,
      maxBridgeRequests: 10_000,
      maxInFlightBridgeRequests: 1000,
    };
    const result = await this.#library.experimental_runCodeMode({
      js,
      tools: this.#tools,
      options: { executionPolicy },
    });
    return { result };
  }
}
