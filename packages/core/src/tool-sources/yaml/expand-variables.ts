import { SECRET_KEYS } from '../../redact.ts';
import type { Environment } from '../cli/command-environment.ts';

/** A value of the host that stands in a definition now. */
export interface ExpandedVariable {
  name: string;
  value: string;
  /** By its name, by the key it stands under, or because it is a URL with a password. */
  isSecret: boolean;
}

export interface Expansion<T> {
  data: T;
  variables: ExpandedVariable[];
  problems: { path: (string | number)[]; message: string }[];
}

/**
 * Replaces `${NAME}` and `${NAME:-default}` in every text of a definition but its name, its type and descriptions; `$${` stands for `${`. An
 * empty variable takes the default too, as in a shell.
 */
export function expandVariables<T>(data: T, env: Environment): Expansion<T> {
  const variables: ExpandedVariable[] = [];
  const problems: Expansion<T>['problems'] = [];

  const expandText = (text: string, path: (string | number)[]): string =>
    text.replace(PATTERN, (whole, escaped: string | undefined, name: string, rest: string) => {
      if (escaped !== undefined) return '${';
      const fallback = rest.startsWith(':-') && !rest.includes('${') ? rest.slice(2) : undefined;
      if (rest !== '' && fallback === undefined) {
        const message = `has ${whole}, which is not understood; write \${${name}} or \${${name}:-default}, or $\${ for a plain \${`;
        problems.push({ path, message });
        return whole;
      }
      const value = Object.hasOwn(env, name) ? env[name] : undefined;
      if (value === undefined || (value === '' && fallback !== undefined)) {
        if (fallback !== undefined) return fallback;
        const message = `needs the variable ${name}, which is not set; set it, or write \${${name}:-default}`;
        problems.push({ path, message });
        return whole;
      }
      variables.push({ name, value, isSecret: isSecret(name, value, path) });
      return value;
    });

  const expand = (value: unknown, path: (string | number)[]): unknown => {
    if (typeof value === 'string') return expandText(value, path);
    if (Array.isArray(value)) return value.map((item, index) => expand(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, item]): [string, unknown] => [
      key,
      isShown(key, path) && typeof item === 'string' ? item : expand(item, [...path, key]),
    ]);
    return Object.fromEntries(entries);
  };
  return { data: expand(data, []) as T, variables, problems };
}

const PATTERN = /\$(\$\{)|\$\{([A-Za-z_][A-Za-z0-9_]*)([^}]*)\}/gu;

/** What Python sees as it is. */
function isShown(key: string, path: readonly unknown[]): boolean {
  return key === 'description' || (path.length === 0 && (key === 'name' || key === 'type'));
}

function isSecret(name: string, value: string, path: (string | number)[]): boolean {
  return (
    [name, ...path].some((word) => typeof word === 'string' && SECRET_KEYS.test(word)) ||
    /:\/\/[^/\s:@]*:[^/\s@]+@/.test(value)
  );
}
