import { visibleText } from './prompts/visible-text.ts';
import type { JsonValue } from './run-result.ts';

/** Keys whose values are secrets. */
export const SECRET_KEYS =
  /passw(?:or)?d|passphrase|passcode|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|authorization|cookie|credential|bearer|signature/i;

/**
 * A copy for the record: values of keys that match are replaced, also in `{ name, value }` pairs, in the user part and
 * the query of URLs, and in `Bearer …`; what is long or deep is cut, and says so.
 */
export function redact(value: unknown, secretKeys: RegExp): JsonValue {
  // A `g` or `y` flag would make every other test fail.
  const pattern = /[gy]/.test(secretKeys.flags)
    ? new RegExp(secretKeys.source, secretKeys.flags.replace(/[gy]/g, ''))
    : secretKeys;
  return copy(value, { isSecret: (key) => pattern.test(key), left: MAX_NODES }, 0);
}

const REDACTED = '[redacted]';
const MAX_TEXT = 500;
const MAX_ITEMS = 50;
const MAX_DEPTH = 10;
const MAX_NODES = 500;
const MAX_JSON_TEXT = 20_000;

interface State {
  isSecret: (key: string) => boolean;
  left: number;
}

function copy(value: unknown, state: State, depth: number): JsonValue {
  if (typeof value === 'string')
    return shortText(jsonText(value, state, depth) ?? withoutSecrets(value, state.isSecret));
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (typeof value !== 'object') return `[${typeof value}]`;
  state.left--;
  if (depth >= MAX_DEPTH || state.left < 0) return '[…]';
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item) => copy(item, state, depth + 1));
    return value.length > MAX_ITEMS ? [...items, `[${value.length - MAX_ITEMS} more]`] : items;
  }
  const entries = Object.entries(value);
  const isNamedSecret = entries.some(
    ([key, item]) => /^(?:name|key|header)$/i.test(key) && typeof item === 'string' && state.isSecret(item),
  );
  const kept = entries.slice(0, MAX_ITEMS).map(([key, item]): [string, JsonValue] => {
    const secret = state.isSecret(key) || (isNamedSecret && /^values?$/i.test(key));
    return [shortText(key), secret && item !== null ? REDACTED : copy(item, state, depth + 1)];
  });
  if (entries.length > MAX_ITEMS) kept.push(['…', `[${entries.length - MAX_ITEMS} more]`]);
  return Object.fromEntries(kept);
}

/** JSON in text, e.g. the body of a request, is redacted as the value it is. */
function jsonText(text: string, state: State, depth: number): string | undefined {
  if (text.length > MAX_JSON_TEXT || !/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.stringify(copy(JSON.parse(text), state, depth + 1));
  } catch {
    return undefined;
  }
}

function withoutSecrets(text: string, isSecret: (key: string) => boolean): string {
  return text
    .slice(0, 20 * MAX_TEXT)
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`)
    .replace(/:\/\/[^\s/@]{1,200}@/g, `://${REDACTED}@`)
    .replace(/([?&]([^=&\s]{1,100})=)[^&\s]+/g, (whole, start: string, key: string) =>
      isSecret(key) ? `${start}${REDACTED}` : whole,
    );
}

/** A record may be read in a terminal. */
function shortText(text: string): string {
  if (text.length <= MAX_TEXT) return visibleText(text);
  return `${visibleText(text.slice(0, MAX_TEXT).toWellFormed())}… [${text.length} characters]`;
}
