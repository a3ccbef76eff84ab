import { z } from 'zod';
import { checkDefinition } from './check-definition.ts';

/** Text; YAML writes some of it as a number or a truth value. */
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const valueType = z.enum(['string', 'integer', 'number', 'boolean', 'array']);

const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number(), z.boolean()]))]);

const description = z.string().default('');

const option = z.strictObject({
  type: valueType.default('string').describe('A boolean is a flag that stands alone; an array repeats the flag.'),
  short: text.optional().describe('Short flag, without its dash. Used instead of --NAME.'),
  description,
  required: z.boolean().default(false),
  default: value.optional(),
});

const positional = z.strictObject({
  name: z.string().min(1),
  type: z.enum(['string', 'integer', 'number']).default('string'),
  description,
  required: z.boolean().default(false),
  default: value.optional(),
});

const stdin = z
  .strictObject({
    name: z.string().min(1).describe('The argument whose text the command reads from its standard input.'),
    description,
    required: z.boolean().default(false),
    default: text.optional(),
  })
  .describe('An argument that goes to standard input. Without it the command finds its standard input empty.');

const parameter = z.strictObject({
  type: valueType.optional(),
  description: z.string().optional(),
  required: z.boolean().default(false),
  default: value.optional(),
});

const recipe = z.strictObject({
  description,
  preset: z.record(z.string(), value).default({}).describe('Arguments that are set unless the caller sets them.'),
  params: z.record(z.string(), parameter).default({}).describe('Arguments to show first, with defaults of their own.'),
});

const noRecipes =
  'is missing or empty; name at least one way to call the command, e.g. `recipes: {run: {params: {NAME: {}}}}`. ' +
  'The older form with an `args` template is not read: declare its options under `schema: {options: …, positional: …}`';

const shape = z.strictObject({
  name: z.string().min(1).describe('Name in Python, after `tools.`'),
  type: z.literal('cli').default('cli'),
  description,
  command: z.string().min(1).optional().describe('Program to run: a name on the PATH, or a path. Default: the name.'),
  timeout: z.number().positive().max(2_147_483).default(60).describe('Seconds until it is killed. Default: 60.'),
  schema: z
    .strictObject({
      options: z.record(z.string().regex(/^[^-\s=][^\s=]*$/u), option).default({}),
      positional: z.array(positional).default([]).describe('In the order in which they follow the options.'),
    })
    .prefault({}),
  recipes: z
    .record(z.string(), recipe, { error: noRecipes })
    .refine((recipes) => Object.keys(recipes).length > 0, { error: noRecipes })
    .describe('At least one way to call it, by name.'),
  guard: z
    .enum(['double-dash', 'refuse'])
    .default('double-dash')
    .describe('For values that begin with a dash: -- goes before them, or they are refused.'),
  env: z
    .record(z.string().regex(/^[^=\0]+$/u), text)
    .default({})
    .describe('Variables of its environment, besides the usual ones of the host.'),
  cwd: z.string().min(1).optional().describe("Folder it runs in. Default: the host's."),
  stdin: stdin.optional(),
  parse: z
    .enum(['text', 'lines', 'json', 'bytes'])
    .default('text')
    .describe('What Python gets of its standard output: str, list of str, data, or bytes.'),
  annotations: z
    .strictObject({
      readOnly: z.boolean().optional(),
      destructive: z.boolean().optional(),
      idempotent: z.boolean().optional(),
      openWorld: z.boolean().optional(),
    })
    .default({})
    .describe('Hints for policies. They hold for every recipe: each takes all options of the command.'),
});

/** A command as a tool, as a YAML file says it. Each recipe is `tools.NAME.RECIPE(…)`; `tools.NAME(…)` is the bare command. */
export const cliDefinition = shape.superRefine(checkDefinition);

export type CliDefinition = z.output<typeof shape>;
/** As a file writes it, before defaults. */
export type CliFile = z.input<typeof shape>;
export type CliRecipe = z.output<typeof recipe>;
export type CliValue = z.output<typeof value>;
