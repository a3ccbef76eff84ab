import type { DefinitionType } from './definition-type.ts';

/** What `type:` in a tool file may say. A new type is one line here; its part is loaded when a file needs it. */
export const definitionTypes: Record<string, () => Promise<DefinitionType>> = {
  cli: async () => (await import('./types/cli.ts')).cliType,
  mcp: async () => (await import('./types/mcp.ts')).mcpType,
  http: async () => (await import('./types/http.ts')).httpType,
  openapi: async () => (await import('./types/openapi.ts')).openApiType,
};
