import { ToolError } from '../tool.ts';
import type { CliDefinition, CliValue } from './definition.ts';
import { typedValue } from './parameters.ts';

/**
 * The arguments of the command: its options in the schema's order, then its positionals.
 *
 * What the file says is trusted and written as py-code-mode writes it: `--name value`, `-s value`. What the caller says
 * could be taken for an option when it begins with a dash. Such a value is bound to its flag (`--name=-x`, `-s-x`), and
 * before such a positional goes `--`, which ends the options.
 * @param given what the caller passed, of the right types
 * @param inFile what the file sets, for what the caller did not pass
 * @throws ToolError when a value cannot be written so that it stays a value
 */
export function commandLine(
  { schema, guard }: Pick<CliDefinition, 'schema' | 'guard'>,
  given: ReadonlyMap<string, unknown>,
  inFile: ReadonlyMap<string, CliValue>,
): string[] {
  const words: string[] = [];
  for (const [name, { type, short }] of Object.entries(schema.options)) {
    const value = valueFor(name, type, given, inFile);
    const flag = short === undefined ? `--${name}` : `-${short}`;
    if (type === 'boolean') {
      if (value === true) words.push(flag);
      continue;
    }
    for (const item of Array.isArray(value) ? value : value === undefined ? [] : [value]) {
      const word = toWord(name, item);
      if (!given.has(name) || !word.startsWith('-')) words.push(flag, word);
      else words.push(bound(name, flag, word, guard));
    }
  }
  let guarded = false;
  for (const { name, type } of schema.positional) {
    const value = valueFor(name, type, given, inFile);
    if (value === undefined) continue;
    const word = toWord(name, value);
    // A dash alone is no option: it means standard input or output.
    if (given.has(name) && word.startsWith('-') && word !== '-' && !guarded) {
      if (guard === 'refuse') throw refusal(name, word, 'the command would take it for an option');
      words.push('--');
      guarded = true;
    }
    words.push(word);
  }
  return words;
}

function valueFor(
  name: string,
  type: Parameters<typeof typedValue>[1],
  given: ReadonlyMap<string, unknown>,
  inFile: ReadonlyMap<string, CliValue>,
): unknown {
  if (given.has(name)) return given.get(name);
  const value = inFile.get(name);
  return value === undefined ? undefined : typedValue(value, type);
}

/** @throws ToolError for what no command line can carry */
function toWord(name: string, value: unknown): string {
  const word = String(value);
  if (word.includes('\0')) throw new ToolError(`${name}: a NUL character cannot be passed to a command.`);
  // Node would replace half a surrogate pair without a word.
  if (!word.isWellFormed()) {
    throw new ToolError(`${name}: half a surrogate pair cannot be passed to a command; pass valid text.`);
  }
  return word;
}

function bound(name: string, flag: string, word: string, guard: CliDefinition['guard']): string {
  if (guard === 'refuse') throw refusal(name, word, 'the command would take it for an option');
  if (flag.startsWith('--')) return `${flag}=${word}`;
  if (flag.length === 2) return `${flag}${word}`;
  throw refusal(name, word, `after ${flag} it could be taken for an option`);
}

function refusal(name: string, word: string, reason: string): ToolError {
  const shown = word.length > 40 ? `${word.slice(0, 40).toWellFormed()}…` : word;
  return new ToolError(`${name} must not begin with a dash: ${reason}. Got ${JSON.stringify(shown)}.`);
}
