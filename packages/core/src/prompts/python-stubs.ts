import { pythonParameter, pythonPath } from '../tool-sources/python-names.ts';
import { isSchema, objectShape, resolveSchema } from '../tool-sources/schema-shape.ts';
import type { JsonSchema, Tool } from '../tool-sources/tool.ts';
import { firstSentence, plainText, shorten } from './plain-text.ts';
import { pythonLiteral } from './python-literal.ts';
import { noteOf, PythonTypes, pascalCase } from './python-types.ts';

/**
 * How much a stub tells.
 * - `names`: the name to call
 * - `summary`: the signature and the first sentence of the description; nested objects are `dict`
 * - `full`: nested objects as TypedDicts, the whole description, and a line per argument that has more to say
 */
export type StubDetail = 'names' | 'summary' | 'full';

/**
 * Stubs in Python syntax, as the model reads them. Names and descriptions are data from elsewhere: the text always
 * compiles, and nothing in a description can end its docstring.
 */
export function pythonStubs(tools: Iterable<Tool>, detail: StubDetail): string {
  const sorted = [...tools].map((tool) => ({ tool, path: pythonPath(tool.name) }));
  if (detail === 'names') return sorted.map(({ path }) => `tools.${path}`).join('\n');
  if (sorted.length === 0) return '';
  const types = new PythonTypes({ classes: detail === 'full' });
  const root: Group = { functions: [], groups: new Map() };
  for (const { tool, path } of sorted) groupAt(root, path.split('.').slice(0, -1)).functions.push(tool);
  // Written first: it is what collects the classes.
  const body = groupLines('tools', root, detail, types).join('\n');
  return [...types.classes, body].join('\n\n');
}

/** The call as one line, e.g. `tools.weather(*, city: str, days: int = 3) -> dict`. */
export function pythonSignature(tool: Tool): string {
  const path = pythonPath(tool.name);
  return `tools.${path}${signatureOf(tool, lastName(path), new PythonTypes({ classes: false }))}`;
}

interface Group {
  functions: Tool[];
  groups: Map<string, Group>;
}

/** A description beyond this is cut: it is a tool's manual then, and costs every run. */
const maxDescription = 1_500;
const maxDefault = 60;
const maxLine = 120;

function groupAt(root: Group, path: string[]): Group {
  let group = root;
  for (const name of path) {
    const inner = group.groups.get(name) ?? { functions: [], groups: new Map() };
    group.groups.set(name, inner);
    group = inner;
  }
  return group;
}

function groupLines(name: string, group: Group, detail: StubDetail, types: PythonTypes): string[] {
  return [
    `class ${name}:`,
    ...group.functions.flatMap((tool) => functionLines(tool, detail, types)).map(indent),
    ...[...group.groups].flatMap(([inner, below]) => groupLines(inner, below, detail, types)).map(indent),
  ];
}

function functionLines(tool: Tool, detail: StubDetail, types: PythonTypes): string[] {
  const name = lastName(pythonPath(tool.name));
  const head = `def ${name}${signatureOf(tool, name, types)}:`;
  const text = detail === 'full' ? docLines(tool) : [firstSentence(tool.description)];
  const [line = '', ...more] = text;
  if (more.length === 0) {
    const only = line === '' ? '...' : docstring(line);
    return detail === 'summary' || head.length + only.length < maxLine ? [`${head} ${only}`] : [head, indent(only)];
  }
  // The quotes stand on their own line after the last one, so that only its content needs care.
  return [head, ...`"""${text.map(escapeDoc).join('\n')}\n"""`.split('\n').map(indent)];
}

function signatureOf(tool: Tool, name: string, types: PythonTypes): string {
  const shape = objectShape(tool.inputSchema);
  const prefix = pascalCase(name);
  const parameters = [...(shape?.properties ?? [])].map(([hostName, schema]) => {
    const type = types.expression(schema, prefix + pascalCase(hostName), tool.inputSchema);
    const required = shape?.required.has(hostName) ?? false;
    return {
      required,
      text: `${pythonParameter(hostName)}: ${type}${required ? '' : ` = ${defaultOf(schema, tool.inputSchema)}`}`,
    };
  });
  const listed = [...parameters.filter(({ required }) => required), ...parameters.filter(({ required }) => !required)];
  const texts = listed.length > 0 ? ['*', ...listed.map(({ text }) => text)] : [];
  if (shape?.open ?? true) {
    const type =
      shape?.additional === undefined
        ? 'Any'
        : types.expression(shape.additional, `${prefix}Argument`, tool.inputSchema);
    texts.push(`**${freeName('kwargs', [...(shape?.properties.keys() ?? [])])}: ${type}`);
  }
  const result =
    tool.outputSchema === undefined ? 'Any' : types.expression(tool.outputSchema, `${prefix}Result`, tool.outputSchema);
  return `(${texts.join(', ')}) -> ${result}`;
}

function defaultOf(schema: JsonSchema, root: unknown): string {
  const holder = Object.hasOwn(schema, 'default') ? schema : resolveSchema(schema, root);
  if (holder === undefined || !Object.hasOwn(holder, 'default')) return '...';
  const literal = pythonLiteral(holder.default);
  return literal.length > maxDefault ? '...' : literal;
}

function docLines(tool: Tool): string[] {
  const description = shorten(plainText(tool.description).trim(), maxDescription)
    .replace(/[ ]+$/gmu, '')
    .replace(/\n{3,}/gu, '\n\n');
  const notes = [...(objectShape(tool.inputSchema)?.properties ?? [])]
    .map(([hostName, schema]) => ({ name: pythonParameter(hostName), note: noteOf(schema, tool.inputSchema) }))
    .filter(({ note }) => note !== '')
    .map(({ name, note }) => `    ${name}: ${note}`);
  const returned = tool.outputSchema && isSchema(tool.outputSchema) ? noteOf(tool.outputSchema, tool.outputSchema) : '';
  return [
    ...description.split('\n'),
    ...(notes.length > 0 ? ['', 'Args:', ...notes] : []),
    ...(returned === '' ? [] : ['', `Returns: ${returned}`]),
  ];
}

/** A docstring on one line. A quote at its end would join the closing ones. */
function docstring(line: string): string {
  return `"""${line.replace(/\\|"{3,}|"+$/gu, escapeEach)}"""`;
}

function escapeDoc(line: string): string {
  return line.replace(/\\|"{3,}/gu, escapeEach);
}

function escapeEach(characters: string): string {
  return characters.replace(/./gu, '\\$&');
}

function indent(line: string): string {
  return line === '' ? '' : `    ${line}`;
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function freeName(wanted: string, taken: string[]): string {
  const names = new Set(taken.map(pythonParameter));
  let name = wanted;
  while (names.has(name)) name += '_';
  return name;
}
