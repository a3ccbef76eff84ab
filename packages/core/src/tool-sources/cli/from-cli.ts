import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Tool, ToolSource } from '../tool.ts';
import { argumentSchema } from './argument-schema.ts';
import { commandEnvironment, type Environment } from './command-environment.ts';
import { commandFailure } from './command-failure.ts';
import { commandLine } from './command-line.ts';
import type { CliDefinition, CliFile, CliRecipe, CliValue } from './definition.ts';
import { valuesInFile } from './parameters.ts';
import { readOutput } from './read-output.ts';
import { runCommand } from './run-command.ts';

/** How commands run, whatever their definition. */
export interface CliOptions {
  /**
   * Names of further variables of the host that commands get, e.g. `KUBECONFIG`. They get those that say where programs,
   * files and the network are, the language and the time zone; everything else stays with the host.
   * @defaultValue none
   */
  passEnv?: readonly string[];
  /** Standard output of one call that is kept, in bytes. @defaultValue 33_554_432 */
  outputBytes?: number;
}

export interface CliContext extends CliOptions {
  /** The host's variables. */
  env: Environment;
  /** Where the definition is, for messages. */
  file: string;
  /** The definition as it was written, before `${…}`: what may be shown. */
  written: CliFile;
}

/** The tools of a command: `NAME` with all its options, and `NAME.RECIPE` for each recipe. */
export function fromCli(definition: CliDefinition, context: CliContext): ToolSource {
  const { name, recipes } = definition;
  return {
    name: context.file,
    tools: () => [
      // A recipe with the tool's name is what the bare command does.
      cliTool(name, Object.hasOwn(recipes, name) ? name : undefined, definition, context),
      ...Object.keys(recipes).map((recipe) => cliTool(`${name}.${recipe}`, recipe, definition, context)),
    ],
  };
}

const noRecipe: CliRecipe = { description: '', preset: {}, params: {} };
const OUTPUT_BYTES = 33_554_432;

function cliTool(name: string, recipeName: string | undefined, definition: CliDefinition, context: CliContext): Tool {
  const recipe = (recipeName !== undefined && definition.recipes[recipeName]) || noRecipe;
  const inFile = valuesInFile(definition, recipeName);
  const written = valuesInFile(context.written, recipeName);
  const shown = new Map([...inFile].filter(([key, value]) => isDeepStrictEqual(written.get(key), value)));
  const hints = Object.entries(definition.annotations).filter(([, hint]) => hint !== undefined);
  return {
    name,
    description: recipe.description || definition.description,
    inputSchema: argumentSchema(definition, recipe, { set: new Set(inFile.keys()), shown }),
    ...outputSchemas[definition.parse],
    annotations: Object.fromEntries(hints),
    execute: async (input, { toolName, signal }) => {
      const given = new Map(Object.entries(input).filter(([, value]) => value !== null && value !== undefined));
      const args = commandLine(definition, given, inFile);
      const outcome = await runCommand({
        file: definition.command ?? definition.name,
        args,
        env: commandEnvironment(context.env, context.passEnv ?? [], definition.env),
        cwd: definition.cwd,
        input: inputText(definition, given, inFile),
        timeoutMs: definition.timeout * 1_000,
        signal,
        outputBytes: context.outputBytes ?? OUTPUT_BYTES,
      });
      if (outcome.kind === 'exited' && outcome.exitCode === 0) {
        return readOutput(definition.parse, toolName, outcome.stdout);
      }
      const words = {
        tool: toolName,
        command: context.written.command ?? definition.name,
        cwd: context.written.cwd,
        file: basename(context.file),
        timeoutSeconds: definition.timeout,
      };
      throw commandFailure(outcome, words, definition.cwd);
    },
  };
}

const outputSchemas: Record<CliDefinition['parse'], Pick<Tool, 'outputSchema'>> = {
  text: { outputSchema: { type: 'string' } },
  lines: { outputSchema: { type: 'array', items: { type: 'string' } } },
  json: {},
  bytes: {},
};

function inputText(
  { stdin }: CliDefinition,
  given: ReadonlyMap<string, unknown>,
  inFile: ReadonlyMap<string, CliValue>,
): string | undefined {
  const value = stdin && (given.get(stdin.name) ?? inFile.get(stdin.name));
  return value === undefined ? undefined : String(value);
}
