import type { JsonValue } from '../run-result.ts';
import { pythonLiteral } from './python-literal.ts';
import { isTable, tableText, tagWriters } from './python-value-tags.ts';

/**
 * A run's result about as Python would print it: the `$` forms of the wire become what they stand for. A long list or
 * dict gets a line per entry; a text of several lines stands as it is.
 */
export function pythonValue(value: JsonValue): string {
  if (typeof value === 'string' && value.includes('\n')) return value;
  if (isTable(value)) return tableText(value, writeValue);
  const text = writeValue(value);
  if (text.length <= maxLine || typeof value !== 'object' || value === null || isTagged(value)) return text;
  if (Array.isArray(value)) return `[\n${value.map((item) => `  ${writeValue(item)},`).join('\n')}\n]`;
  const lines = Object.entries(value).map(([key, item]) => `  ${pythonLiteral(key)}: ${writeValue(item)},`);
  return `{\n${lines.join('\n')}\n}`;
}

/** One value on one line. */
function writeValue(value: JsonValue, depth = 0): string {
  if (typeof value !== 'object' || value === null) return pythonLiteral(value);
  if (depth > maxDepth) return '...';
  const write = (inner: JsonValue) => writeValue(inner, depth + 1);
  if (Array.isArray(value)) return `[${value.map(write).join(', ')}]`;
  if (isTagged(value)) {
    const [[tag, inner]] = Object.entries(value) as [[string, JsonValue]];
    const text = tagWriters[tag]?.(inner, write);
    if (text !== undefined) return text;
  }
  return `{${Object.entries(value)
    .map(([key, item]) => `${pythonLiteral(key)}: ${write(item)}`)
    .join(', ')}}`;
}

const maxLine = 120;
const maxDepth = 100;

function isTagged(value: object): boolean {
  const [tag, ...others] = Object.keys(value);
  return tag !== undefined && others.length === 0 && Object.hasOwn(tagWriters, tag);
}
