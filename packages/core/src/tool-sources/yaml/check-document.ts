import type { z } from 'zod';
import { nearestName } from '../../search/nearest-name.ts';
import type { DocumentProblem, Path, ToolDocument } from './tool-document.ts';

export type Checked<T> = { definition: T | undefined; problems: DocumentProblem[] };

/**
 * Checks the data of a file. A key that nobody knows is left out, as in py-code-mode, and listed; when it looks like one
 * that is known it is a mistake, and there is no definition.
 * @param data what the document says, variables expanded: it is in no message
 */
export function checkDocument<T>(schema: z.ZodType<T>, data: unknown, document: ToolDocument): Checked<T> {
  const strange: Path[] = [];
  const error = (issue: z.core.$ZodRawIssue): string => {
    if (issue.code !== 'unrecognized_keys') return issueWords(issue, document);
    const known = Object.keys((issue.inst as z.ZodObject | undefined)?._zod.def.shape ?? {});
    return issue.keys
      .map((key) => {
        const nearest = nearestName(key, known);
        if (nearest === undefined) strange.push([...(issue.path ?? []), key]);
        return nearest === undefined
          ? unknownKey(key, known)
          : `has the unknown key "${key}"; did you mean "${nearest}"?`;
      })
      .join('; ');
  };
  const result = schema.safeParse(data, { error });
  if (result.success) return { definition: result.data, problems: [] };

  const { issues } = result.error;
  const problems = issues.map((issue): DocumentProblem => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    const subject = issue.path.map(String).join('.');
    return { place: document.place([...issue.path, ...keys]), message: sentence(subject, issue.message) };
  });
  const ignorable = issues.every(
    (issue) =>
      issue.code === 'unrecognized_keys' &&
      issue.keys.every((key) => strange.some((path) => path.join('\0') === [...issue.path, key].join('\0'))),
  );
  if (!ignorable) return { definition: undefined, problems: problems.slice(0, MAX_PROBLEMS) };
  const rest = checkDocument(schema, without(data, strange), document);
  return { definition: rest.definition, problems: [...problems, ...rest.problems] };
}

const MAX_PROBLEMS = 5;

function unknownKey(key: string, known: string[]): string {
  return `has the unknown key "${key}", which is left out; the known keys are ${known.join(', ')}`;
}

/** What is wrong with a value, as the end of a sentence about it. */
export function issueWords(issue: z.core.$ZodRawIssue, document: Pick<ToolDocument, 'source'>): string {
  const path = issue.path ?? [];
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return `is missing; it must be ${typeWords(issue.expected)}`;
      return `must be ${typeWords(issue.expected)}${got(path, document)}`;
    case 'invalid_value': {
      const values = issue.values.map((value) => JSON.stringify(value));
      const source = document.source(path);
      const nearest = source === undefined ? undefined : nearestName(source, issue.values.map(String));
      const advice = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
      return `must be ${joined(values)}${got(path, document)}${advice}`;
    }
    case 'invalid_union': {
      const expected = issue.errors.flatMap((errors) => errors.slice(0, 1)).map(expectedWords);
      return `must be ${joined([...new Set(expected)])}${got(path, document)}`;
    }
    case 'too_small':
      if (issue.origin === 'string') return 'must not be empty';
      return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${got(path, document)}`;
    case 'too_big':
      return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${got(path, document)}`;
    case 'invalid_key':
      return `cannot be named "${String(path.at(-1))}"`;
    default:
      return `is not valid${got(path, document)}`;
  }
}

function expectedWords(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_type' ? typeWords(issue.expected) : 'another value';
}

function typeWords(expected: string): string {
  return nouns[expected] ?? expected;
}

const nouns: Record<string, string> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
  record: 'a group of keys',
};

function got(path: Path, document: Pick<ToolDocument, 'source'>): string {
  const source = document.source(path);
  return source === undefined ? '' : `, got ${source}`;
}

function joined(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** A sentence about a part of a document. */
export function sentence(subject: string, message: string): string {
  if (subject === '') return message;
  return /^(?:is|are|has|must|needs|cannot)\b/u.test(message) ? `${subject} ${message}` : `${subject}: ${message}`;
}

function without(data: unknown, paths: readonly Path[]): unknown {
  const copy = structuredClone(data);
  for (const path of paths) {
    let holder: unknown = copy;
    for (const step of path.slice(0, -1)) holder = (holder as Record<PropertyKey, unknown>)[step];
    delete (holder as Record<PropertyKey, unknown>)[path.at(-1) as PropertyKey];
  }
  return copy;
}
