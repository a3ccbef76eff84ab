import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodeModeError } from '../../errors.ts';
import type { CliOptions } from '../cli/from-cli.ts';
import type { NamingOptions } from '../naming.ts';
import type { ToolSource } from '../tool.ts';
import { YamlSource } from './yaml-source.ts';

export interface FromYamlOptions extends NamingOptions {
  /**
   * Offers only tools with one of these `tags`; an empty list offers none.
   * @defaultValue all tools
   */
  tags?: readonly string[];
  /**
   * The host's variables: what `${NAME}` in a file stands for, and where commands have `PATH` and the like from.
   * @defaultValue `process.env`
   */
  env?: Readonly<Record<string, string | undefined>>;
  /** How the commands of `type: cli` run. */
  cli?: CliOptions;
}

/**
 * The tools that YAML files define: those of every `.yaml` and `.yml` file of a folder, or of one file. A file that is
 * broken is left out and listed by `session.tools.problems()`; a folder that does not exist has no tools.
 *
 * The files are read when the tools are first needed, and again after `close()`.
 * @example
 * ```ts
 * await using session = new Session({ tools: [fromYaml('./tools')] });
 * ```
 * @param path folder or file; relative to the working directory
 * @throws CodeModeError `invalid_options`
 */
export function fromYaml(path: string | URL, options: FromYamlOptions = {}): ToolSource {
  if (!(path instanceof URL) && (typeof path !== 'string' || path === '')) {
    throw new CodeModeError('invalid_options', 'fromYaml takes the path of a folder or a file.');
  }
  const { outputBytes } = options.cli ?? {};
  if (outputBytes !== undefined && !(Number.isSafeInteger(outputBytes) && outputBytes > 0)) {
    const message = `fromYaml: cli.outputBytes must be a whole number of 1 or more, got ${outputBytes}.`;
    throw new CodeModeError('invalid_options', message);
  }
  const given = path instanceof URL ? fileURLToPath(path) : path;
  return new YamlSource(given, resolve(given), options);
}
