import type { JsonSchema } from '@code-mode/core';
import { usageError } from '../failure.ts';

/**
 * The arguments of a tool or a workflow as they are typed: `city=Oslo days=3`, or one JSON object. A value is JSON where
 * it can be, and text where it cannot or where the schema wants text.
 */
export function givenArguments(words: readonly string[], schema: JsonSchema): Record<string, unknown> {
  const [first = ''] = words;
  if (words.length === 1 && first.trimStart().startsWith('{')) return parseObject(first);
  const properties = (schema.properties ?? {}) as Record<string, { type?: unknown } | undefined>;
  const pairs = words.map((word) => {
    const at = word.indexOf('=');
    if (at < 1) throw usageError(`${JSON.stringify(word)} is no argument: write name=value, or one JSON object.`);
    const name = word.slice(0, at);
    const value = word.slice(at + 1);
    return [name, properties[name]?.type === 'string' ? value : parseValue(value)] as const;
  });
  return Object.fromEntries(pairs);
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw usageError(`The arguments are no JSON object: ${(error as Error).message}`);
  }
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
