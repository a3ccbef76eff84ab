import type { z } from 'zod';
import { nearestName } from '../../search/nearest-name.ts';
import type { CliDefinition, CliValue } from './definition.ts';
import { type CliParameter, parametersOf, typedValue } from './parameters.ts';

/** What one part of a file says about another: a preset for an option that is not there, a default of the wrong type. */
export function checkDefinition(definition: CliDefinition, context: z.RefinementCtx<CliDefinition>): void {
  const report = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
  const parameters = parametersOf(definition);
  const { options, positional } = definition.schema;

  const checkValue = (path: (string | number)[], given: CliValue | undefined, parameter: CliParameter) => {
    if (given === undefined || typedValue(given, parameter.type) !== undefined) return;
    report(path, `must be ${typeWords[parameter.type]}, because the argument's type is ${parameter.type}`);
  };
  const lookUp = (path: (string | number)[], name: string): CliParameter | undefined => {
    const parameter = parameters.get(name);
    if (parameter === undefined) report(path, unknownParameter(name, [...parameters.keys()]));
    return parameter;
  };

  for (const [name, option] of Object.entries(options)) {
    checkValue(['schema', 'options', name, 'default'], option.default, option);
  }
  positional.forEach((parameter, index) => {
    const path = ['schema', 'positional', index];
    const isTaken = Object.hasOwn(options, parameter.name) || positional.findIndex(named(parameter.name)) < index;
    if (isTaken) report([...path, 'name'], `is the name of another argument; rename one of the two`);
    checkValue([...path, 'default'], parameter.default, parameter);
  });
  const { stdin } = definition;
  if (stdin && (Object.hasOwn(options, stdin.name) || positional.some(named(stdin.name)))) {
    report(['stdin', 'name'], `is the name of another argument; rename one of the two`);
  }
  for (const [recipeName, { preset, params }] of Object.entries(definition.recipes)) {
    for (const [name, given] of Object.entries(preset)) {
      const path = ['recipes', recipeName, 'preset', name];
      const parameter = lookUp(path, name);
      if (parameter) checkValue(path, given, parameter);
    }
    for (const [name, changed] of Object.entries(params)) {
      const path = ['recipes', recipeName, 'params', name];
      const parameter = lookUp(path, name);
      if (parameter === undefined) continue;
      checkValue([...path, 'default'], changed.default, parameter);
      if (changed.type !== undefined && isText(changed.type) !== isText(parameter.type)) {
        report([...path, 'type'], `must be ${parameter.type}, as the argument itself is`);
      }
    }
  }
}

const typeWords: Record<CliParameter['type'], string> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
};

/** Both become one word of the command line. */
function isText(type: CliParameter['type']): boolean {
  return type !== 'boolean' && type !== 'array';
}

function named(name: string): (parameter: { name: string }) => boolean {
  return (parameter) => parameter.name === name;
}

function unknownParameter(name: string, known: string[]): string {
  const nearest = nearestName(name, known);
  const advice = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  const list = known.length === 0 ? 'The schema declares none.' : `The schema declares: ${known.join(', ')}.`;
  return `is no option or positional of the command${advice === '' ? '.' : advice} ${list}`;
}
