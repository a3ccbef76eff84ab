import { dirname } from 'node:path';
import { openApiDefinition } from '../../http/open-api-definition.ts';
import type { DefinitionType } from '../definition-type.ts';

/** `type: openapi`: the operations of a document, under the file's name. The path of a document starts at the file. */
export const openApiType: DefinitionType<typeof openApiDefinition> = {
  schema: openApiDefinition,
  load: async (definition, { file }) => {
    const { fromOpenApi } = await import('../../http/open-api/from-open-api.ts');
    return fromOpenApi(definition, { folder: dirname(file) });
  },
};
