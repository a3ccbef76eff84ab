import { CodeModeError } from '../errors.ts';

/** One requirement of PEP 508, without the forms that lead out of the index: paths, URLs and options. */
export interface Requirement {
  /** Normalised as the index does it: `Requests` is `requests`, `my_pkg` is `my-pkg`. */
  name: string;
  /** Normalised and in order. */
  extras: string[];
  /** `>=2,<3`; empty for any version. */
  specifier: string;
  /** `python_version < "3.12"`; empty for always. */
  marker: string;
  /** The whole requirement in one spelling: `pandas[excel]>=2,<3; python_version < "3.12"`. */
  text: string;
}

/**
 * Reads one requirement as a person, a model or PEP 723 writes it: `pandas >= 2, < 3`.
 * @throws CodeModeError `invalid_requirement`, always in the same form
 */
export function parseRequirement(written: string): Requirement {
  const reason = problemOf(written);
  if (reason !== undefined) throw invalid(written, reason);
  const [, name = '', extras, parenthesised, bare, marker] = REQUIREMENT.exec(written) ?? [];
  if (name === '') throw invalid(written, hintFor(written));
  if (marker !== undefined && !isMarker(marker))
    throw invalid(written, `the marker behind ";" is not one: ${show(marker.trim())}`);
  const parts = {
    name: normaliseName(name),
    extras: [...new Set(splitList(extras).map(normaliseName))].sort(),
    specifier: splitList(parenthesised ?? bare)
      .map((clause) => clause.replace(/\s+/g, ''))
      .join(','),
    marker: marker === undefined ? '' : marker.trim().replaceAll("'", '"'),
  };
  return { ...parts, text: textOf(parts) };
}

/** The name under which the index knows a package. */
export function normaliseName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** @throws CodeModeError `invalid_requirement` for what cannot be a package's name */
export function checkName(name: unknown): string {
  if (typeof name === 'string' && name.length <= MAX_CHARS && NAME_ALONE.test(name.trim()))
    return normaliseName(name.trim());
  throw invalid(name, 'give the name of a package alone, like "pandas"');
}

const MAX_CHARS = 256;
const NAME = '[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?';
const CLAUSE = String.raw`(?:===\s*[A-Za-z0-9][A-Za-z0-9._+!-]*|(?:~=|==|!=|<=|>=|<|>)\s*v?[0-9][A-Za-z0-9._+!-]*(?:\.\*)?)`;
const CLAUSES = String.raw`${CLAUSE}(?:\s*,\s*${CLAUSE})*\s*,?`;
const EXTRAS = String.raw`(?:\s*\[\s*((?:${NAME}(?:\s*,\s*${NAME})*)?)\s*\])?`;
const REQUIREMENT = new RegExp(
  String.raw`^\s*(${NAME})${EXTRAS}\s*(?:\(\s*(${CLAUSES})\s*\)|(${CLAUSES}))?\s*(?:;(.*))?$`,
);
const NAME_ALONE = new RegExp(`^${NAME}$`);

const MARKER_VARIABLE =
  'python_version|python_full_version|os_name|sys_platform|platform_release|platform_system|platform_version|platform_machine|platform_python_implementation|implementation_name|implementation_version|extra';
const MARKER_TOKEN = new RegExp(
  String.raw`\s*(?:(?<value>'[^'"]*'|"[^'"]*"|\b(?:${MARKER_VARIABLE})\b)|(?<operator>===?|~=|!=|<=?|>=?|\bnot\s+in\b|\bin\b)|(?<joint>\band\b|\bor\b)|(?<open>\()|(?<close>\)))`,
  'y',
);

/** `comparison`s joined by `and` and `or`, in parentheses or not. */
function isMarker(text: string): boolean {
  const kinds = tokenKinds(text.trimEnd());
  if (kinds === undefined) return false;
  // A comparison is one letter, then everything folds into one: what remains is the shape.
  let shape = kinds.replace(/vov/g, 'C');
  for (let before = ''; before !== shape; ) {
    before = shape;
    shape = shape.replace(/CjC/g, 'C').replace(/\(C\)/g, 'C');
  }
  return shape === 'C';
}

function tokenKinds(text: string): string | undefined {
  let kinds = '';
  MARKER_TOKEN.lastIndex = 0;
  while (MARKER_TOKEN.lastIndex < text.length) {
    const { value, operator, joint, open } = MARKER_TOKEN.exec(text)?.groups ?? {};
    if (MARKER_TOKEN.lastIndex === 0) return undefined;
    kinds +=
      value !== undefined
        ? 'v'
        : operator !== undefined
          ? 'o'
          : joint !== undefined
            ? 'j'
            : open !== undefined
              ? '('
              : ')';
  }
  return kinds;
}

function problemOf(written: unknown): string | undefined {
  if (typeof written !== 'string') return 'it must be a string';
  if (written.length > MAX_CHARS) return `it is longer than ${MAX_CHARS} characters`;
  if (written.trim() === '') return 'it is empty';
  if (/[\p{Cc}\u2028\u2029]/u.test(written)) return 'it holds a line break or another control character';
  if (/\P{ASCII}/u.test(written)) return 'it holds characters beyond ASCII';
  return undefined;
}

function hintFor(written: string): string {
  const text = written.trim();
  if (text.startsWith('-')) return 'options are not taken';
  if (text.includes('://') || text.includes('@')) return 'URLs are not taken, only packages of the index';
  if (/^[.~/\\]|[/\\]/.test(text)) return 'paths are not taken, only packages of the index';
  if (/[`$|&<>]\s*[a-z/]|[`$|&]/.test(text)) return 'shell characters are not taken';
  return 'write a name and, if needed, extras, versions and a marker, like "pandas[excel]>=2,<3"';
}

function invalid(written: unknown, reason: string): CodeModeError {
  return new CodeModeError('invalid_requirement', `Not a requirement: ${show(written)}: ${reason}.`, {
    details: { requirement: written, reason },
  });
}

function show(value: unknown): string {
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, 100) : value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function splitList(text = ''): string[] {
  return text.split(',').flatMap((item) => (item.trim() === '' ? [] : [item.trim()]));
}

function textOf({ name, extras, specifier, marker }: Omit<Requirement, 'text'>): string {
  const known = extras.length > 0 ? `${name}[${extras.join(',')}]` : name;
  return `${known}${specifier}${marker === '' ? '' : `; ${marker}`}`;
}
