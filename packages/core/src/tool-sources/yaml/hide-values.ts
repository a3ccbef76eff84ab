import { CodeModeError } from '../../errors.ts';
import type { JsonValue } from '../../run-result.ts';
import { type JsonSchema, type Tool, ToolError } from '../tool.ts';
import type { ExpandedVariable } from './expand-variables.ts';

/**
 * The same tool, which does not tell what the host's variables hold: its description, its
 * schema and its errors show `${NAME}` instead of every value, its results instead of every secret. What is no secret stays in results, where it may be data.
 */
export function hideValues(tool: Tool, variables: readonly ExpandedVariable[]): Tool {
  if (variables.length === 0) return tool;
  const inErrors = hider(variables);
  const secrets = variables.filter(({ isSecret }) => isSecret);
  const inResults = hider(secrets);
  return {
    ...tool,
    description: inErrors(tool.description),
    inputSchema: inData(tool.inputSchema, inErrors) as JsonSchema,
    execute: async (input, context) => {
      try {
        const result = await tool.execute(input, context);
        return secrets.length === 0 ? result : inData(result, inResults);
      } catch (error) {
        throw inError(error, inErrors);
      }
    },
  };
}

/** Puts `${NAME}` where a text holds the value of a variable. Very short values are left: they are in every text. */
export function hider(variables: readonly ExpandedVariable[]): (text: string) => string {
  const names = new Map(
    variables.filter(({ value }) => value.length >= MIN_LENGTH).map(({ name, value }) => [value, name]),
  );
  // Longest first: one may contain another.
  const values = [...names.keys()].sort((a, b) => b.length - a.length);
  return (text) => values.reduce((shown, value) => shown.replaceAll(value, () => `\${${names.get(value)}}`), text);
}

const MIN_LENGTH = 4;

function inError(error: unknown, hide: (text: string) => string): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? hide(error) : error;
  const message = hide(error.message);
  const { details } = error as { details?: JsonValue };
  const hidden = details === undefined ? undefined : (inData(details, hide) as JsonValue);
  if (message === error.message && hidden === details) return error;
  if (CodeModeError.isInstance(error)) {
    return new CodeModeError(error.code, message, { details: hidden as Record<string, unknown> });
  }
  return new ToolError(message, hidden);
}

/** The same value when there was nothing to hide. */
function inData(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === 'string') return hide(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => inData(item, hide));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [hide(key), inData(item, hide)]);
  const record = value as Record<string, unknown>;
  return entries.every(([key, item]) => record[key] === item) ? value : Object.fromEntries(entries);
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
