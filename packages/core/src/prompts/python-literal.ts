import { safeSlice } from './plain-text.ts';
import { escapeCharacter } from './visible-text.ts';

/** A value as Python writes it: `True`, `None`, `"text"`, `{"a": [1, 2]}`. Bytes are told by their number. */
export function pythonLiteral(value: unknown, depth = 0): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'number') return pythonNumber(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return pythonString(String(value));
  if (value instanceof Uint8Array) return `<${value.byteLength} bytes>`;
  // Python's Ellipsis: the text stays Python.
  if (depth > maxDepth) return '...';
  if (Array.isArray(value)) return `[${value.map((item) => pythonLiteral(item, depth + 1)).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${pythonString(key)}: ${pythonLiteral(item, depth + 1)}`)
    .join(', ')}}`;
}

const maxDepth = 50;

/** As `pythonLiteral`, cut to about `limit` characters with `…`; what was cut is said by its length. */
export function shortPythonLiteral(value: unknown, limit = 60): string {
  // Only the start of a large value is written out.
  const text = pythonLiteral(head(value, limit, 0));
  if (text.length <= limit && !isCut(value, limit, 0)) return text;
  if (typeof value === 'string') return `${pythonString(safeSlice(value, 0, limit - 10))}…`;
  return `${safeSlice(text, 0, limit)}…`;
}

/** The Python type of a value. */
export function pythonTypeName(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Uint8Array) return 'bytes';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return { string: 'str', boolean: 'bool', bigint: 'int', object: 'dict' }[typeof value as string] ?? 'object';
}

/** A Python string literal in double quotes; invisible characters are escaped. */
export function pythonString(text: string): string {
  return JSON.stringify(text).replace(
    /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu,
    escapeCharacter,
  );
}

function pythonNumber(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0.0' : String(value);
  return Number.isNaN(value) ? 'float("nan")' : value > 0 ? 'float("inf")' : 'float("-inf")';
}

function head(value: unknown, limit: number, depth: number): unknown {
  if (typeof value === 'string') return value.length > limit ? safeSlice(value, 0, limit) : value;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (depth > 4) return Array.isArray(value) ? [] : {};
  const items = Math.ceil(limit / 3);
  if (Array.isArray(value)) return value.slice(0, items).map((item) => head(item, limit, depth + 1));
  const entries = Object.entries(value).slice(0, items);
  return Object.fromEntries(entries.map(([key, item]) => [safeSlice(key, 0, limit), head(item, limit, depth + 1)]));
}

function isCut(value: unknown, limit: number, depth: number): boolean {
  if (typeof value === 'string') return value.length > limit;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  const items = Object.values(value);
  return (
    items.length > Math.ceil(limit / 3) ||
    (depth > 4 && items.length > 0) ||
    items.some((item) => isCut(item, limit, depth + 1))
  );
}
