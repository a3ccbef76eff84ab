/** What an agent of each framework needs installed; its files are in `templates/`. */
export const FRAMEWORKS = {
  'ai-sdk': ['@code-mode/ai-sdk', 'ai', '@ai-sdk/openai', 'zod'],
  mastra: ['@code-mode/mastra', '@mastra/core', 'ai', 'zod'],
  langchain: ['@code-mode/langchain', 'langchain', '@langchain/core', '@langchain/openai', 'zod'],
  'openai-agents': ['@code-mode/openai-agents', '@openai/agents', 'zod'],
} as const satisfies Record<string, readonly string[]>;

export type Framework = keyof typeof FRAMEWORKS;
