import type { CliDefinition, CliFile, CliValue } from './definition.ts';

/** An argument of a command: one of its options, its positionals, or its standard input. */
export interface CliParameter {
  type: 'string' | 'integer' | 'number' | 'boolean' | 'array';
  description: string;
  required: boolean;
  default?: CliValue | undefined;
}

/** What a command takes, by name. */
export function parametersOf({ schema, stdin }: CliDefinition): Map<string, CliParameter> {
  const stdinParameter: [string, CliParameter][] = stdin ? [[stdin.name, { ...stdin, type: 'string' }]] : [];
  return new Map<string, CliParameter>([
    ...schema.positional.map((positional): [string, CliParameter] => [positional.name, positional]),
    ...stdinParameter,
    ...Object.entries(schema.options),
  ]);
}

/**
 * What the file itself sets: a preset, else the default of the recipe's parameter, else that of the command's. As in
 * py-code-mode, a default does not replace a preset.
 * @param recipeName none for the bare command
 */
export function valuesInFile(file: CliFile, recipeName: string | undefined): Map<string, CliValue> {
  const { options = {}, positional = [] } = file.schema ?? {};
  const { preset = {}, params = {} } = (recipeName !== undefined && file.recipes?.[recipeName]) || {};
  const defaults = [
    ...Object.entries(options).map(([name, option]) => [name, option.default] as const),
    ...positional.map((parameter) => [parameter.name, parameter.default] as const),
    ...(file.stdin ? [[file.stdin.name, file.stdin.default] as const] : []),
    ...Object.entries(params).map(([name, parameter]) => [name, parameter.default] as const),
  ];
  const values = new Map<string, CliValue>();
  for (const [name, value] of [...defaults, ...Object.entries(preset)]) {
    if (value !== undefined) values.set(name, value);
  }
  return values;
}

/** A value of the file as its parameter's type; undefined when it is none. Variables give text, so text may hold a number. */
export function typedValue(value: CliValue, type: CliParameter['type']): CliValue | undefined {
  if (type === 'array') return Array.isArray(value) ? value : undefined;
  if (Array.isArray(value)) return undefined;
  const text = String(value);
  if (type === 'string') return text;
  if (type === 'boolean') return text === 'true' || (text === 'false' ? false : undefined);
  const number = typeof value === 'boolean' || text.trim() === '' ? Number.NaN : Number(text);
  return (type === 'integer' ? Number.isSafeInteger(number) : Number.isFinite(number)) ? number : undefined;
}
