import { CodeModeError } from '../../errors.ts';

/**
 * The JSON of a value that reads back as the same value.
 * @throws CodeModeError `invalid_arguments`, naming the place that would come back as something else
 */
export function toJsonText(value: unknown, what: string, { bigint = true } = {}): string {
  check(value, what, { open: [], bigint });
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? rawJson(String(item)) : item));
}

/** Integers that a number cannot hold exactly become bigints, as Python wrote them. @throws SyntaxError */
export function fromJsonText(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return (JSON.parse as ParseWithSource)(text, (_key, value, { source }) => {
    const isLossy =
      typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source);
    return isLossy ? BigInt(source) : value;
  });
}

const MAX_DEPTH = 200;

function check(value: unknown, place: string, state: { open: object[]; bigint: boolean }): void {
  const { open } = state;
  switch (typeof value) {
    case 'boolean':
      return;
    case 'bigint':
      if (!state.bigint) refuse(place, 'is a bigint', 'write it as text');
      return;
    case 'string':
      if (!value.isWellFormed())
        refuse(
          place,
          'holds half of a character (a lone surrogate)',
          'save bytes, or mend the text with toWellFormed()',
        );
      return;
    case 'number':
      if (!Number.isFinite(value)) refuse(place, `is ${value}, which JSON does not have`, 'use null');
      return;
    case 'object':
      if (value === null) return;
      break;
    default:
      refuse(place, value === undefined ? 'is undefined' : `is a ${typeof value}`, 'leave it out, or use null');
  }
  if (open.includes(value)) refuse(place, 'contains itself', 'save a copy without the loop');
  if (open.length >= MAX_DEPTH) refuse(place, `is nested over ${MAX_DEPTH} levels deep`, 'save flatter data');
  open.push(value);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) check(value[index], `${place}[${index}]`, state);
  } else {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      const name = (value.constructor as { name?: string } | undefined)?.name ?? 'object of a class';
      refuse(place, `is a ${name}, which would come back as something else`, advice(value));
    }
    if (Object.getOwnPropertySymbols(value).length > 0) refuse(place, 'has a key that is a symbol', 'use text keys');
    for (const [key, item] of Object.entries(value)) {
      if (!key.isWellFormed())
        refuse(place, 'has a key with half of a character (a lone surrogate)', 'mend it with toWellFormed()');
      check(item, `${place}[${JSON.stringify(key)}]`, state);
    }
  }
  open.pop();
}

function advice(value: object): string {
  if (value instanceof Date) return 'save its toISOString()';
  if (value instanceof Map) return 'save Object.fromEntries(map)';
  if (value instanceof Set) return 'save [...set]';
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 'save a Uint8Array alone, or a list of numbers';
  return 'save a plain object, e.g. { ...value }';
}

function refuse(place: string, what: string, instead: string): never {
  throw new CodeModeError('invalid_arguments', `${place} ${what}; ${instead}.`);
}

// In Node since 21; TypeScript does not know them yet.
type ParseWithSource = (
  text: string,
  reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
) => unknown;
const rawJson = (text: string) => (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);
