import { isPythonIdentifier } from '../tool-sources/python-names.ts';
import { isSchema, objectShape, resolveSchema } from '../tool-sources/schema-shape.ts';
import type { JsonSchema } from '../tool-sources/tool.ts';
import { oneLine } from './plain-text.ts';
import { pythonLiteral, pythonString } from './python-literal.ts';
import { schemaBounds } from './schema-words.ts';

/**
 * Python types of JSON Schemas. Objects with known keys become TypedDict classes, collected here and shared by all
 * schemas of one text: equal classes have one name.
 */
export class PythonTypes {
  /** Without `classes`, an object with known keys is just `dict`. */
  readonly #withClasses: boolean;
  readonly #texts: string[] = [];
  readonly #usedNames = new Set(['Any', 'Literal', 'NotRequired', 'TypedDict', 'None', 'True', 'False']);
  readonly #namesByBody = new Map<string, string>();
  readonly #namesBySchema = new Map<unknown, string>();
  #visits = 0;

  constructor(options: { classes: boolean }) {
    this.#withClasses = options.classes;
  }

  /** The class definitions so far; each stands after those it needs. */
  get classes(): readonly string[] {
    return this.#texts;
  }

  /**
   * The type of one schema, as a Python expression.
   * @param name what to call its class, e.g. `WeatherResult`
   * @param root the document its `$ref`s point into
   */
  expression(schema: unknown, name: string, root: unknown): string {
    this.#visits = 0;
    return this.#type(schema, name, { root, open: new Set(), depth: 0 });
  }

  #type(schema: unknown, name: string, at: Place): string {
    const resolved = resolveSchema(schema, at.root);
    if (resolved === undefined || at.depth > maxDepth || ++this.#visits > maxVisits) return 'Any';
    // A schema within itself: by name where it has one.
    const nullable = resolved.nullable === true || (Array.isArray(resolved.type) && resolved.type.includes('null'));
    if (at.open.has(resolved))
      return union([this.#namesBySchema.get(resolved) ?? 'Any', ...(nullable ? ['None'] : [])]);
    const below = { ...at, open: new Set(at.open).add(resolved), depth: at.depth + 1 };
    const type = this.#resolvedType(resolved, refName(schema) ?? name, below);
    return nullable ? union([type, 'None']) : type;
  }

  #resolvedType(schema: JsonSchema, name: string, at: Place): string {
    if (Object.hasOwn(schema, 'const')) return literalType([schema.const]);
    if (Array.isArray(schema.enum)) return literalType(schema.enum);
    const { type } = schema;
    if (Array.isArray(type)) {
      return union(type.map((one) => this.#typed(String(one), schema, name, at)));
    }
    if (typeof type === 'string') return this.#typed(type, schema, name, at);
    if (isSchema(schema.properties)) return this.#typed('object', schema, name, at);
    for (const keyword of ['anyOf', 'oneOf']) {
      const branches = schema[keyword];
      if (Array.isArray(branches)) return union(branches.map((branch) => this.#type(branch, name, at)));
    }
    if (Array.isArray(schema.allOf)) {
      if (objectShape(schema, at.root)?.properties.size) return this.#typed('object', schema, name, at);
      return schema.allOf.map((part) => this.#type(part, name, at)).find((part) => part !== 'Any') ?? 'Any';
    }
    if (schema.items !== undefined || schema.prefixItems !== undefined) return this.#typed('array', schema, name, at);
    return isSchema(schema.additionalProperties) ? this.#typed('object', schema, name, at) : 'Any';
  }

  #typed(type: string, schema: JsonSchema, name: string, at: Place): string {
    if (type === 'array') return this.#arrayType(schema, name, at);
    if (type === 'object') return this.#objectType(schema, name, at);
    return scalarTypes[type] ?? 'Any';
  }

  #arrayType(schema: JsonSchema, name: string, at: Place): string {
    const first = schema.prefixItems ?? (Array.isArray(schema.items) ? schema.items : undefined);
    const rest = schema.prefixItems === undefined ? schema.additionalItems : schema.items;
    if (!Array.isArray(first) || first.length === 0) {
      const item = this.#type(schema.items ?? true, `${name}Item`, at);
      return item === 'Any' ? 'list' : `list[${item}]`;
    }
    const items = first.slice(0, 12).map((item, index) => this.#type(item, `${name}Item${index + 1}`, at));
    if (rest === false || schema.maxItems === first.length) return `tuple[${items.join(', ')}]`;
    const item = union([...items, this.#type(rest ?? true, `${name}Item`, at)]);
    return item === 'Any' ? 'list' : `list[${item}]`;
  }

  #objectType(schema: JsonSchema, name: string, at: Place): string {
    const known = this.#namesBySchema.get(schema);
    if (known !== undefined) return known;
    const shape = objectShape(schema, at.root);
    if (shape === undefined) return 'dict';
    if (shape.properties.size === 0) {
      const value = shape.additional === undefined ? 'Any' : this.#type(shape.additional, `${name}Value`, at);
      return value === 'Any' ? 'dict' : `dict[str, ${value}]`;
    }
    if (!this.#withClasses) return 'dict';
    const className = this.#freeName(name);
    this.#namesBySchema.set(schema, className);
    const fields = [...shape.properties].slice(0, maxFields).map(([key, property]) => {
      const type = this.#type(property, className + pascalCase(key), at);
      return { key, type: shape.required.has(key) ? type : `NotRequired[${type}]`, note: noteOf(property, at.root) };
    });
    const left = shape.properties.size - fields.length;
    const others = shape.additional === undefined ? undefined : this.#type(shape.additional, `${className}Value`, at);
    const endings = [
      ...(left > 0 ? [`    # and ${left} more keys`] : []),
      ...(others === undefined ? [] : [`    # other keys: ${others}`]),
    ];
    const body = classBody(fields, endings);
    const equal = this.#namesByBody.get(body);
    if (equal !== undefined) {
      this.#usedNames.delete(className);
      this.#namesBySchema.set(schema, equal);
      return equal;
    }
    this.#namesByBody.set(body, className);
    this.#texts.push(body.replaceAll(placeholder, className));
    return className;
  }

  #freeName(wanted: string): string {
    const base = pascalCase(wanted) || 'Value';
    let name = base;
    for (let count = 2; this.#usedNames.has(name); count++) name = `${base}${count}`;
    this.#usedNames.add(name);
    return name;
  }
}

/** `list_issues` -> `ListIssues`. */
export function pascalCase(name: string): string {
  const words = name.normalize('NFKC').match(/[A-Za-z0-9]+/gu) ?? [];
  const joined = words
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
    .slice(0, 60);
  return /^\d/u.test(joined) ? `_${joined}` : joined;
}

/** What a type does not show of a schema: its description, bounds and format, on one line. */
export function noteOf(schema: JsonSchema, root: unknown, limit = 160): string {
  const resolved = resolveSchema(schema, root) ?? {};
  const description = [schema.description, resolved.description].find((text) => typeof text === 'string');
  const values = resolved.enum;
  const choices =
    Array.isArray(values) && values.length > maxLiterals
      ? [
          `one of ${values
            .slice(0, maxLiterals)
            .map((value) => pythonLiteral(value))
            .join(', ')} and ${values.length - maxLiterals} more`,
        ]
      : [];
  // A tuple type and a required string say these themselves.
  const told = (bound: string) =>
    bound === 'not empty' || (resolved.prefixItems !== undefined && bound.endsWith('items'));
  const bounds = [...schemaBounds(resolved).filter((bound) => !told(bound)), ...choices].join(', ');
  const words = typeof description === 'string' ? oneLine(description, limit) : '';
  if (bounds === '') return words;
  return words === '' ? oneLine(bounds, limit) : `${words} (${oneLine(bounds, limit)})`;
}

interface Place {
  root: unknown;
  open: ReadonlySet<unknown>;
  depth: number;
}

interface Field {
  key: string;
  type: string;
  note: string;
}

const maxDepth = 8;
const maxFields = 50;
const maxLiterals = 20;
/** Definitions that use each other many times would otherwise take exponential time. */
const maxVisits = 1_000;
/** Stands for the name of the class in its own body, so that equal bodies are found. */
const placeholder = '\u0000';

const scalarTypes: Record<string, string> = {
  string: 'str',
  integer: 'int',
  number: 'float',
  boolean: 'bool',
  null: 'None',
};

function classBody(fields: Field[], endings: string[]): string {
  const note = (field: Field) => (field.note === '' ? '' : `  # ${field.note}`);
  if (fields.every(({ key }) => isPythonIdentifier(key) && !key.startsWith('__'))) {
    const lines = fields.map((field) => `    ${field.key}: ${field.type}${note(field)}`);
    return [`class ${placeholder}(TypedDict):`, ...lines, ...endings].join('\n');
  }
  const lines = fields.map((field) => `    ${pythonString(field.key)}: ${field.type},${note(field)}`);
  return [`${placeholder} = TypedDict("${placeholder}", {`, ...lines, ...endings, '})'].join('\n');
}

function literalType(values: unknown[]): string {
  const scalars = values.filter((value) => value !== null);
  if (scalars.some((value) => typeof value === 'object')) return 'Any';
  const types = scalars.map((value) =>
    typeof value === 'string' ? 'str' : typeof value === 'boolean' ? 'bool' : Number.isInteger(value) ? 'int' : 'float',
  );
  const literal = scalars.length <= maxLiterals && !types.includes('float');
  const named =
    literal && scalars.length > 0 ? [`Literal[${scalars.map((value) => pythonLiteral(value)).join(', ')}]`] : types;
  return union(values.includes(null) ? [...named, 'None'] : named);
}

function union(types: string[]): string {
  const parts = types.flatMap((type) =>
    type.endsWith(' | None') ? [type.slice(0, -' | None'.length), 'None'] : [type],
  );
  const unique = [...new Set(parts)];
  if (unique.includes('Any') || unique.length === 0) return 'Any';
  return [...unique.filter((type) => type !== 'None'), ...(unique.includes('None') ? ['None'] : [])].join(' | ');
}

/** `Issue` of `#/$defs/Issue`. Names that a library made up say nothing. */
function refName(schema: unknown): string | undefined {
  const ref = isSchema(schema) ? schema.$ref : undefined;
  const name = typeof ref === 'string' ? /\/(?:\$defs|definitions)\/([A-Za-z][^/]*)$/u.exec(ref)?.[1] : undefined;
  return name === undefined ? undefined : pascalCase(name) || undefined;
}
