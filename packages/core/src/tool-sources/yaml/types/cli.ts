import { cliDefinition } from '../../cli/definition.ts';
import type { DefinitionType } from '../definition-type.ts';

/** `type: cli`, which a file without a type has. */
export const cliType: DefinitionType<typeof cliDefinition> = {
  schema: cliDefinition,
  load: async (definition, { cli, ...context }) => {
    const { fromCli } = await import('../../cli/from-cli.ts');
    return fromCli(definition, { ...cli, ...context });
  },
};
