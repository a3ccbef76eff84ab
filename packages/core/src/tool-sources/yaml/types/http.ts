import { httpToolsDefinition } from '../../http/definition.ts';
import type { DefinitionType } from '../definition-type.ts';

/** `type: http`: the endpoints of a server, under the file's name. */
export const httpType: DefinitionType<typeof httpToolsDefinition> = {
  schema: httpToolsDefinition,
  load: async (definition) => {
    const { fromHttp } = await import('../../http/from-http.ts');
    return fromHttp(definition);
  },
};
