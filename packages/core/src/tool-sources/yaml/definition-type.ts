import type { z } from 'zod';
import type { Environment } from '../cli/command-environment.ts';
import type { CliOptions } from '../cli/from-cli.ts';
import type { ToolSource } from '../tool.ts';

/** What a definition is loaded with. */
export interface DefinitionContext<Written> {
  /** The file as messages name it. */
  file: string;
  /** The definition as it was written, before `${…}`: only this may be in a message, a description or a schema. */
  written: Written;
  /** The host's variables. */
  env: Environment;
  cli: CliOptions;
}

/** One `type` of tool files. */
export interface DefinitionType<Schema extends z.ZodType = z.ZodType> {
  /** `tags` are read and taken out before; variables are expanded. */
  schema: Schema;
  /** The source of the definition's tools, under the names they have without the options of `fromYaml`. */
  load(definition: z.output<Schema>, context: DefinitionContext<z.input<Schema>>): ToolSource | Promise<ToolSource>;
}
