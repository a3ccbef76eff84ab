import { plainText } from '../prompts/plain-text.ts';
import { pythonString, pythonTypeName, shortPythonLiteral } from '../prompts/python-literal.ts';
import { schemaWords } from '../prompts/schema-words.ts';
import { nearestName } from '../search/nearest-name.ts';
import { pythonParameter } from './python-names.ts';
import { allowsNull, type ObjectShape, objectShape } from './schema-shape.ts';
import { schemaIssues } from './schema-validator.ts';
import type { JsonSchema, Tool, ValidationIssue, ValidationResult } from './tool.ts';

/**
 * Checks the arguments of a call, which come from an untrusted kernel: names first, then values, with the tool's own
 * `validate` where it has one (zod applies its defaults and transforms there), else with its JSON Schema.
 *
 * None for an argument that is optional and cannot be null counts as not given. JSON Schema defaults are shown in
 * stubs and left to the tool.
 * @returns the input to call the tool with, or what is wrong with it
 * @throws CodeModeError `invalid_options` when the tool's JSON Schema cannot be compiled
 */
export async function validateArguments(tool: Tool, input: unknown): Promise<ValidationResult> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { ok: false, issues: [{ path: [], expected: '', message: 'takes named arguments' }] };
  }
  const shape = shapeOf(tool.inputSchema);
  const wrongNames = nameIssues(input, shape);
  const given = Object.entries(input).filter(
    ([name, value]) => value !== null || !isAbsentNull(name, shape, tool.inputSchema),
  );
  const missing = missingIssues(new Set(given.map(([name]) => name)), shape, tool.inputSchema);
  if (wrongNames.length + missing.length > 0) return { ok: false, issues: [...wrongNames, ...missing] };

  const checked = Object.fromEntries(given);
  if (tool.validate === undefined) {
    const issues = await schemaIssues(tool.name, tool.inputSchema, checked);
    return issues.length === 0 ? { ok: true, input: checked } : { ok: false, issues };
  }
  const result = await tool.validate(checked);
  return result.ok ? result : { ok: false, issues: await sharpen(result.issues, tool, checked) };
}

/**
 * What Python shows for arguments that were refused: a line for each issue, five at most.
 * @param call what Python called, e.g. `tools.weather`
 */
export function formatArgumentError(call: string, issues: readonly ValidationIssue[]): string {
  const lines = issues.slice(0, maxLines).map((issue) => `${callText(call, issue)}: ${issueText(issue)}`);
  return issues.length > maxLines ? `${lines.join('\n')}\nand ${issues.length - maxLines} more` : lines.join('\n');
}

const maxLines = 5;
const shapes = new WeakMap<JsonSchema, ObjectShape>();

function shapeOf(schema: JsonSchema): ObjectShape {
  let shape = shapes.get(schema);
  if (shape === undefined) {
    shape = objectShape(schema) ?? { properties: new Map(), required: new Set(), open: true, additional: undefined };
    shapes.set(schema, shape);
  }
  return shape;
}

function nameIssues(input: object, shape: ObjectShape): ValidationIssue[] {
  const accepted = [...shape.properties.keys()];
  return Object.keys(input)
    .filter((name) => name === '__proto__' || (!shape.properties.has(name) && (!shape.open || unsafeNames.has(name))))
    .map((name) => {
      const nearest = nearestName(name, accepted);
      const advice = nearest === undefined ? '' : `, did you mean ${pythonParameter(nearest)}?`;
      const known = accepted.length === 0 ? 'It takes none.' : `It takes: ${accepted.map(pythonParameter).join(', ')}.`;
      const shown = plainText(name).slice(0, 100);
      return { path: [], expected: '', message: `unknown argument ${shown}${advice === '' ? '.' : advice} ${known}` };
    });
}

/** Names that reach into an object's prototype when a tool copies its input carelessly. */
const unsafeNames = new Set(['__proto__', 'constructor', 'prototype']);

function missingIssues(given: ReadonlySet<string>, shape: ObjectShape, schema: JsonSchema): ValidationIssue[] {
  return [...shape.required]
    .filter((name) => !given.has(name))
    .map((name) => {
      const words = schemaWords(shape.properties.get(name) ?? true, schema);
      return {
        path: [],
        expected: '',
        message: `missing argument ${pythonParameter(name)}${words === 'value' ? '' : ` (${words})`}`,
      };
    });
}

function isAbsentNull(name: string, shape: ObjectShape, schema: JsonSchema): boolean {
  const property = shape.properties.get(name);
  return property !== undefined && !shape.required.has(name) && !allowsNull(property, schema);
}

/** A schema library words its issues its own way. Where the JSON Schema finds the same fault, its words are used. */
async function sharpen(issues: ValidationIssue[], tool: Tool, input: unknown): Promise<ValidationIssue[]> {
  let found: ValidationIssue[];
  try {
    found = await schemaIssues(tool.name, tool.inputSchema, input);
  } catch {
    return issues;
  }
  const known = new Set(found.map(({ path }) => JSON.stringify(path)));
  // Without a path there is no telling whether it is the same fault; the precise words win.
  const others = issues.filter(
    ({ path }) => !known.has(JSON.stringify(path)) && (path.length > 0 || found.length === 0),
  );
  return [...found, ...others];
}

function callText(call: string, { path }: ValidationIssue): string {
  return path.length === 0 ? `${call}(…)` : `${call}(${pythonParameter(String(path[0]))}=…)`;
}

function issueText({ path, expected, received, message }: ValidationIssue): string {
  const [name, ...steps] = path;
  const inner = steps.map((step) => (typeof step === 'number' ? `[${step}]` : `[${pythonString(step)}]`)).join('');
  const subject = name === undefined ? '' : `${pythonParameter(String(name))}${inner}`;
  if (message !== undefined) {
    const text = plainText(message);
    return subject === ''
      ? text
      : /^(?:is|has|does|must|lacks)\b/u.test(text)
        ? `${subject} ${text}`
        : `${subject}: ${text}`;
  }
  return `${subject === '' ? 'the arguments' : subject} must be ${withArticle(expected)}, got ${receivedText(received)}`;
}

/** `an integer`, `a string`; other words as they are. */
export function withArticle(expected: string): string {
  if (/^integer\b/u.test(expected)) return `an ${expected}`;
  return /^(?:string|number|boolean|list|dict|value|non-empty)\b/u.test(expected) ? `a ${expected}` : expected;
}

function receivedText(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'bigint')
    return `${shortPythonLiteral(value)} (int beyond ±2**53, which JSON numbers cannot hold)`;
  const text = shortPythonLiteral(value);
  const type = pythonTypeName(value);
  if (!text.endsWith('…')) return `${text} (${type})`;
  const size = typeof value === 'string' ? `${value.length} characters` : `${Object.keys(value).length} items`;
  return `${text} (${type} of ${size})`;
}
