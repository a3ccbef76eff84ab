import { hash } from 'node:crypto';
import type { JsonValue } from '../run-result.ts';

/** Bytes up to this many are shown whole. */
const SHOWN_BYTES = 1_024;

/**
 * A value as JSON that a person can read and that nobody can trip over: large whole numbers and NaN as text, dates as
 * ISO text, bytes by their length and content or SHA-256. Of data nothing is left out.
 */
export function toReadable(value: unknown): JsonValue {
  return readable(value, []);
}

/** As `toReadable`, for named arguments. */
export function readableArguments(args: Readonly<Record<string, unknown>>): { [key: string]: JsonValue } {
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, toReadable(value)]));
}

function readable(value: unknown, path: object[]): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'undefined':
      return null;
    case 'object':
      break;
    default:
      return String(value);
  }
  if (value === null) return null;
  if (path.includes(value)) return '[itself]';
  const inner = [...path, value];
  const item = (part: unknown) => readable(part, inner);
  if (ArrayBuffer.isView(value)) return shownBytes(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
  if (value instanceof ArrayBuffer) return shownBytes(Buffer.from(value));
  if (Array.isArray(value)) return value.map(item);
  if (value instanceof Set) return [...value].map(item);
  if (value instanceof Map) return [...value].map(([key, part]) => [item(key), item(part)]);
  if ('toJSON' in value && typeof value.toJSON === 'function') return item(value.toJSON());
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries.map(([key, part]) => [key, item(part)]));
}

function shownBytes(bytes: Buffer): JsonValue {
  const { byteLength } = bytes;
  if (byteLength <= SHOWN_BYTES) return { bytes: byteLength, base64: bytes.toString('base64') };
  return { bytes: byteLength, sha256: hash('sha256', bytes) };
}
