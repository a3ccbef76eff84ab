import { z } from 'zod';
import type { Environment } from '../cli/command-environment.ts';
import type { CliOptions } from '../cli/from-cli.ts';
import type { ToolSource } from '../tool.ts';
import { checkDocument } from './check-document.ts';
import { definitionTypes } from './definition-types.ts';
import { type ExpandedVariable, expandVariables } from './expand-variables.ts';
import { hider } from './hide-values.ts';
import { type DocumentProblem, ToolDocument } from './tool-document.ts';
import type { ToolFile } from './tool-files.ts';

export interface LoadOptions {
  env: Environment;
  cli: CliOptions;
  /** Files without one of these tags are left out. */
  tags: readonly string[] | undefined;
}

/** What a file gives: a source of tools, unless it is broken or has none of the wanted tags. */
export interface LoadedFile {
  path: string;
  /** The tool's name in the file. */
  name?: string;
  source?: ToolSource;
  /** Their values are hidden in what the tools answer. */
  variables: readonly ExpandedVariable[];
  problems: DocumentProblem[];
}

const head = z.looseObject({
  name: z.string().min(1),
  type: z.enum(Object.keys(definitionTypes) as [string, ...string[]]).default('cli'),
  tags: z.array(z.string()).default([]),
});

/** Reads one file. Never throws: what is wrong with it is in its problems. */
export async function loadToolFile({ path, text }: ToolFile, options: LoadOptions): Promise<LoadedFile> {
  let variables: ExpandedVariable[] = [];
  try {
    const document = new ToolDocument(path, text);
    const { data } = document;
    if (data === undefined) return { path, variables, problems: [...document.problems] };

    const start = checkDocument(head, data, document);
    if (start.definition === undefined) return { path, variables, problems: start.problems };
    const { name, type, tags } = start.definition;
    if (options.tags && !options.tags.some((tag) => tags.includes(tag))) return { path, variables, problems: [] };

    const { tags: _, ...written } = data;
    const expansion = expandVariables(written, options.env);
    variables = expansion.variables;
    if (expansion.problems.length > 0) {
      const problems = expansion.problems.map(({ path: at, message }) => ({
        place: document.place(at),
        message: `${at.join('.')} ${message}`,
      }));
      return { path, variables, problems };
    }
    const definitionType = await definitionTypes[type]?.();
    if (definitionType === undefined) throw new Error(`has no type ${type}`);
    const { definition, problems } = checkDocument(definitionType.schema, expansion.data, document);
    if (definition === undefined) return { path, variables, problems };
    const { env, cli } = options;
    const source = await definitionType.load(definition, { file: path, written, env, cli });
    return { path, name, source, variables, problems };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { path, variables, problems: [{ place: path, message: hider(variables)(message) }] };
  }
}
