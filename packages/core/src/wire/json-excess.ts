const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const MAX_VALUES = 4_000_000;
/** A value takes two bytes at least, with its comma: smaller JSON cannot hold too many. */
const SMALL_BYTES = 2 * MAX_VALUES;
const MAX_DEPTH = 250;

/**
 * What is too much about JSON that nobody has parsed yet, or undefined. A few bytes of it can stand for an object that
 * takes a hundred, and `JSON.parse` makes them all before anybody can count.
 */
export function excessOf(json: Uint8Array): string | undefined {
  const { length } = json;
  if (length < SMALL_BYTES) return undefined;
  let depth = 0;
  let values = 1;
  for (let at = 0; at < length; at++) {
    const byte = json[at] as number;
    if (byte === QUOTE) {
      at = endOfString(json, at + 1);
    } else if (byte === COMMA) {
      values++;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      values++;
      if (++depth > MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} levels`;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      depth--;
    }
    if (values > MAX_VALUES) return `has more than ${MAX_VALUES.toLocaleString('en-US')} values`;
  }
  return undefined;
}

/** The end of a longer string is searched for, which is faster where nothing in it is escaped. */
const SHORT_STRING = 64;

/** Where the string ends that begins at `start`, or the end of all. */
function endOfString(json: Uint8Array, start: number): number {
  const { length } = json;
  let at = start;
  for (const short = Math.min(start + SHORT_STRING, length); at < short; at++) {
    const byte = json[at] as number;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
  }
  const end = json.indexOf(QUOTE, at);
  if (end === -1) return length;
  if (json[end - 1] !== BACKSLASH) return end;
  for (; at < length; at++) {
    const byte = json[at] as number;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
  }
  return length;
}
