import { CodeModeError } from '../errors.ts';
import { nearestName } from '../search/nearest-name.ts';
import { issueWords, sentence } from '../tool-sources/yaml/check-document.ts';
import type { ToolDocument } from '../tool-sources/yaml/tool-document.ts';
import type { CodeModeConfig } from './code-mode-config.ts';
import { configSchema } from './config-schema.ts';

/** Where the parts of a config stand. */
export type ConfigPlaces = Pick<ToolDocument, 'place' | 'source'>;

/** Keys that only code can fill: they are checked where they are used. */
const OBJECTS = ['middleware', 'embed', 'onApproval', 'onEvent'];

/**
 * Takes what a file or flags say for a config. Every mistake is refused: a key that is left out could be the one that
 * keeps the code in.
 * @throws CodeModeError `invalid_options`
 */
export function checkConfig(given: Readonly<Record<string, unknown>>, places: ConfigPlaces): CodeModeConfig {
  const data = dataOf(given);
  const result = configSchema.safeParse(data, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? unknownKeys(issue) : issueWords(issue, places)),
  });
  if (result.success) return given;
  const problems = result.error.issues.slice(0, 5).map((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    const place = places.place([...issue.path, ...keys]);
    return `${place}${place === '' ? '' : ' '}${sentence(issue.path.map(String).join('.'), issue.message)}`;
  });
  const told = problems.join('; ');
  throw new CodeModeError('invalid_options', told.endsWith('?') ? told : `${told}.`);
}

/** What the schema knows: objects of code stand aside. */
function dataOf({ storage, executor, policy, tools, ...given }: Readonly<Record<string, unknown>>) {
  const rest = Object.fromEntries(Object.entries(given).filter(([key]) => !OBJECTS.includes(key)));
  const paths = Array.isArray(tools) ? tools.filter((tool) => !isObject(tool)) : tools;
  return {
    ...rest,
    ...(tools !== undefined && { tools: paths }),
    ...(storage !== undefined && !isObject(storage) && { storage }),
    ...(executor !== undefined && !isObject(executor) && { executor }),
    ...(policy !== undefined && !hasFunction(policy) && { policy }),
  };
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasFunction(value: unknown): boolean {
  if (typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasFunction);
}

interface UnknownKeys {
  readonly keys: string[];
  readonly inst?: unknown;
}

function unknownKeys({ keys, inst }: UnknownKeys): string {
  const known = Object.keys((inst as typeof configSchema | undefined)?._zod.def.shape ?? {});
  return keys
    .map((key) => {
      const near = nearestName(key, known);
      const advice = near === undefined ? `the known keys are ${known.join(', ')}` : `did you mean "${near}"?`;
      return `has the unknown key "${key}"; ${advice}`;
    })
    .join('; ');
}
