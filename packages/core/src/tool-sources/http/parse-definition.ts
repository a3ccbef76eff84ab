import type { z } from 'zod';
import { CodeModeError } from '../../errors.ts';

/**
 * Checks a definition and fills in its defaults. Messages name the place and never show a value: it may be a secret.
 * @param what e.g. `HTTP tools`
 * @throws CodeModeError `invalid_options`
 */
export function parseDefinition<Schema extends z.ZodType>(
  schema: Schema,
  definition: Readonly<Record<string, unknown>>,
  what: string,
): z.output<Schema> {
  const result = schema.safeParse(definition);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => ({ path: placeOf(path), message }));
  const lines = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  throw invalidDefinition(what, definition.name, lines.join('; '), { issues });
}

/** The error for a definition that cannot be used. */
export function invalidDefinition(
  what: string,
  name: unknown,
  problem: string,
  details: Record<string, unknown> = {},
): CodeModeError {
  const subject = typeof name === 'string' ? `${what} '${name}'` : what;
  return new CodeModeError('invalid_options', `${subject}: ${problem}.`, { details });
}

/** `endpoints[0].path`. */
function placeOf(path: PropertyKey[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./u, '');
}
