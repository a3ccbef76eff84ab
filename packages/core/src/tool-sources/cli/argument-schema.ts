import type { JsonSchema } from '../tool.ts';
import type { CliDefinition, CliRecipe, CliValue } from './definition.ts';
import { type CliParameter, parametersOf, typedValue } from './parameters.ts';

/**
 * The JSON Schema of a recipe's arguments: those it names first, then all others of the command.
 * @param shown what the file sets and everybody may see: it stands in the schema as a default
 * @param set the names of everything that the file sets; nobody has to pass those
 */
export function argumentSchema(
  definition: CliDefinition,
  recipe: CliRecipe,
  { shown, set }: { shown: ReadonlyMap<string, CliValue>; set: ReadonlySet<string> },
): JsonSchema {
  const parameters = parametersOf(definition);
  const names = new Set([...Object.keys(recipe.params), ...parameters.keys()]);
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const name of names) {
    const base = parameters.get(name);
    if (base === undefined) continue;
    const changed = recipe.params[name];
    properties[name] = propertySchema(
      { ...base, type: changed?.type ?? base.type, description: changed?.description ?? base.description },
      shown.get(name),
    );
    if ((base.required || changed?.required) && !set.has(name)) required.push(name);
  }
  return { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false };
}

function propertySchema({ type, description }: CliParameter, value: CliValue | undefined): JsonSchema {
  const preset = value === undefined ? undefined : typedValue(value, type);
  return {
    type,
    ...(type === 'array' && { items: { type: ['string', 'number'] } }),
    ...(description !== '' && { description }),
    ...(preset !== undefined && { default: preset }),
  };
}
