/**
 * Where the TypeScript tests are that start frameworks, clients, engines, installers or hundreds of kernels, by the
 * part's name. `unit` is all others.
 */
export const slowTests: Record<string, readonly string[]> = {
  adapters: [
    'packages/ai-sdk/test/',
    'packages/langchain/test/',
    'packages/mastra/test/',
    'packages/openai-agents/test/',
    'test/adapter-parity/',
  ],
  commands: ['packages/cli/test/', 'packages/mcp/test/'],
  docs: ['test/docs-snippets.test.ts'],
  escape: ['packages/core/test/escape/'],
  executors: ['packages/core/test/executors/'],
  faults: ['packages/core/test/faults/', 'packages/core/test/session/stress.test.ts'],
  stores: ['packages/core/test/storage/', 'packages/core/test/deps/'],
};

/** What of them needs a container engine, as a part besides. */
export const containerTests = [
  'packages/core/test/executors/container/',
  'packages/core/test/escape/container.test.ts',
];
