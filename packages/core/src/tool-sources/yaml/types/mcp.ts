import { mcpServerDefinition } from '../../mcp/definition.ts';
import type { DefinitionType } from '../definition-type.ts';

/** `type: mcp`: a server's tools, under the file's name. */
export const mcpType: DefinitionType<typeof mcpServerDefinition> = {
  schema: mcpServerDefinition,
  load: async (definition) => {
    const { fromMcpDefinition } = await import('../../mcp/definition.ts');
    return fromMcpDefinition(definition);
  },
};
