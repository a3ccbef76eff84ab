import { isDeepStrictEqual } from 'node:util';
import type { JsonValue } from '../run-result.ts';
import { toReadable } from '../wire/readable-value.ts';

/**
 * The arguments of a call after somebody edited what they were shown. What was left as shown keeps its own value, which
 * JSON may not be able to say; a default that was left as shown is left to be a default.
 * @param given what Python sent
 * @param shown what it came to, defaults included
 */
export function editedArguments(
  given: Readonly<Record<string, unknown>>,
  shown: Readonly<Record<string, unknown>>,
  edited: { [key: string]: JsonValue },
): Record<string, unknown> {
  const entries = Object.entries(edited).flatMap(([name, value]): [string, unknown][] => {
    const isSame = Object.hasOwn(shown, name) && isDeepStrictEqual(toReadable(shown[name]), value);
    if (!isSame) return [[name, value]];
    return Object.hasOwn(given, name) ? [[name, given[name]]] : [];
  });
  return Object.fromEntries(entries);
}
