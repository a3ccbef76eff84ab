import type { JsonValue } from '../run-result.ts';
import { ToolImage } from '../tool-sources/tool.ts';
import type { WireValue } from './messages.ts';

/** A value ready for a frame: `$bytes` in it point into the attachment. */
export interface EncodedValue {
  value: WireValue;
  attachment: Uint8Array | undefined;
  /** About as many as it has on the wire: a text counts by its characters, anything else a few. */
  bytes: number;
}

/**
 * Encodes what a host function returned for Python: JSON as it is, `undefined` as null, `bigint`, bytes, images,
 * `NaN` and infinities in tagged forms, `Date` as ISO text, `Set` as a list, `Map` as a dict.
 * @throws TypeError for what Python could make nothing of: functions, symbols, cycles
 */
export function encodeValue(value: unknown): EncodedValue {
  const bytes = plainBytes(value);
  if (bytes !== undefined) return { value: (value ?? null) as WireValue, attachment: undefined, bytes };
  const parts: Uint8Array[] = [];
  const encoded = encode(value, { parts, offset: 0, path: [] });
  const attachment = parts.length > 0 ? Buffer.concat(parts) : undefined;
  return { value: encoded, attachment, bytes: JSON.stringify(encoded).length + (attachment?.byteLength ?? 0) };
}

/** About as many bytes as a value has as JSON, or undefined when JSON does not say all there is to say. */
export function plainBytes(value: unknown): number | undefined {
  const bytes = plainSize(value, 0);
  return bytes < 0 ? undefined : bytes;
}

/** Decodes a call's arguments: `$int` becomes a bigint, `$bytes` bytes, `$map` an object; everything else stays JSON. */
export function decodeValue(value: WireValue, attachment: Uint8Array | undefined): unknown {
  return transform(value, (tag, inner) => {
    if (tag === '$int') return wholeNumber(inner);
    if (tag === '$bytes') return slice(inner, attachment);
    if (tag === '$map' && isPairs(inner)) {
      return Object.fromEntries(inner.map(([key, item]) => [key, decodeValue(item, attachment)]));
    }
    if (tag === '$float') return Number(inner === 'NaN' ? Number.NaN : inner === '-Infinity' ? -Infinity : Infinity);
    return undefined;
  });
}

/** Makes a run's result self-contained JSON: bytes and images hold base64 instead of a place in the attachment. */
export function inlineBytes(value: WireValue, attachment: Uint8Array | undefined): JsonValue {
  if (!attachment) return value;
  const base64 = (reference: unknown) => Buffer.from(slice(reference, attachment)).toString('base64');
  return transform(value, (tag, inner) => {
    if (tag === '$bytes') return { $bytes: base64(inner) };
    if (tag === '$image' && typeof inner === 'object' && inner !== null && 'data' in inner) {
      return { $image: { ...inner, data: base64(inner.data) } };
    }
    return undefined;
  }) as JsonValue;
}

const MAX_DEPTH = 200;

/** -1 for a value that is not plain: one number, because every result and all arguments pass here. */
function plainSize(value: unknown, depth: number): number {
  switch (typeof value) {
    case 'string':
      return value.length + 2;
    case 'boolean':
      return 5;
    case 'number':
      return Number.isFinite(value) ? 8 : -1;
    case 'undefined':
      return depth === 0 ? 4 : -1;
    case 'object':
      break;
    default:
      return -1;
  }
  if (value === null) return 4;
  if (depth > MAX_DEPTH) return -1;
  let size = 2;
  if (Array.isArray(value)) {
    for (const item of value) {
      const inner = plainSize(item, depth + 1);
      if (inner < 0) return -1;
      size += inner + 1;
    }
    return size;
  }
  const prototype = Object.getPrototypeOf(value);
  if ((prototype !== Object.prototype && prototype !== null) || 'toJSON' in value) return -1;
  for (const key in value) {
    const inner = key.startsWith('$') ? -1 : plainSize((value as Record<string, unknown>)[key], depth + 1);
    if (inner < 0) return -1;
    size += key.length + inner + 4;
  }
  return size;
}

interface Encoding {
  parts: Uint8Array[];
  offset: number;
  path: object[];
}

function encode(value: unknown, state: Encoding): WireValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      return { $float: String(value) };
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : { $int: value.toString() };
    case 'undefined':
      return null;
    case 'object':
      break;
    default:
      throw new TypeError(`a ${typeof value} cannot be sent to Python`);
  }
  if (value === null) return null;
  if (state.path.includes(value)) throw new TypeError('a value that contains itself cannot be sent to Python');
  if (state.path.length >= MAX_DEPTH)
    throw new TypeError(`a value nested deeper than ${MAX_DEPTH} levels cannot be sent to Python`);
  state.path.push(value);
  try {
    return encodeObject(value, state);
  } finally {
    state.path.pop();
  }
}

function encodeObject(value: object, state: Encoding): WireValue {
  if (ToolImage.isInstance(value)) return { $image: { mimeType: value.mimeType, data: addBytes(value.data, state) } };
  if (ArrayBuffer.isView(value)) {
    return { $bytes: addBytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), state) };
  }
  if (value instanceof ArrayBuffer) return { $bytes: addBytes(new Uint8Array(value), state) };
  if (Array.isArray(value)) return value.map((item) => encode(item, state));
  if (value instanceof Set) return [...value].map((item) => encode(item, state));
  if (value instanceof Map) return encodeMap(value, state);
  if (value instanceof Error) return { name: value.name, message: value.message };
  if ('toJSON' in value && typeof value.toJSON === 'function') return encode(value.toJSON(), state);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined && typeof item !== 'function');
  const encoded = entries.map(([key, item]): [string, WireValue] => [key, encode(item, state)]);
  // A lone key that begins with `$` would read as a tag.
  if (encoded.length === 1 && encoded[0]?.[0].startsWith('$')) return { $map: encoded };
  return Object.fromEntries(encoded);
}

function encodeMap(map: Map<unknown, unknown>, state: Encoding): WireValue {
  const pairs = [...map].map(([key, item]): [WireValue, WireValue] => [encode(key, state), encode(item, state)]);
  const simple = pairs.every(([key]) => typeof key === 'string' && !key.startsWith('$'));
  return simple ? Object.fromEntries(pairs as [string, WireValue][]) : { $map: pairs };
}

/** Python refuses to write longer ones as well; and it takes seconds to read one of millions of digits. */
const WHOLE_NUMBER = /^-?\d{1,4300}$/;

function wholeNumber(digits: WireValue): bigint {
  if (typeof digits === 'string' && WHOLE_NUMBER.test(digits)) return BigInt(digits);
  throw new TypeError('a $int is not a whole number of at most 4300 digits');
}

/** What Python sends for a dict whose one key begins with `$`, e.g. `{"$gt": 5}`. */
function isPairs(value: WireValue): value is [string, WireValue][] {
  return (
    Array.isArray(value) &&
    value.every((pair) => Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string')
  );
}

function addBytes(bytes: Uint8Array, state: Encoding): [number, number] {
  const reference: [number, number] = [state.offset, bytes.byteLength];
  state.parts.push(bytes);
  state.offset += bytes.byteLength;
  return reference;
}

function slice(reference: unknown, attachment: Uint8Array | undefined): Uint8Array {
  const [offset, length] = Array.isArray(reference) ? reference : [];
  const valid = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (!valid || offset + length > (attachment?.byteLength ?? 0))
    throw new TypeError('a $bytes reference points outside its frame');
  return (attachment ?? new Uint8Array()).subarray(offset, offset + length);
}

/** Copies a value, replacing single-key `$` objects for which `replace` returns something. */
function transform(value: WireValue, replace: (tag: string, inner: WireValue) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => transform(item, replace));
  const keys = Object.keys(value);
  const [tag] = keys;
  if (keys.length === 1 && tag?.startsWith('$')) {
    const replaced = replace(tag, value[tag] as WireValue);
    if (replaced !== undefined) return replaced;
  }
  const copy: Record<string, unknown> = {};
  for (const key of keys) {
    // Own property even for `__proto__`, which plain assignment would take for the prototype.
    Object.defineProperty(copy, key, {
      value: transform(value[key] as WireValue, replace),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return copy;
}
