import { isSchema, resolveSchema } from '../../schema-shape.ts';
import type { JsonSchema } from '../../tool.ts';
import { OperationError } from './operation-error.ts';

/**
 * The schemas of a document, made into ones that stand alone: what a schema refers to becomes one of its `$defs`, so
 * that recursive ones stay finite and keep their names. Each definition is made once and shared by all tools.
 */
export class DocumentSchemas {
  readonly #document: JsonSchema;
  readonly #definitions = new Map<string, Definition>();
  readonly #names = new Set<string>();
  readonly #hidden: 'readOnly' | 'writeOnly';

  /** @param side what is sent has no `readOnly` keys, what is received no `writeOnly` ones */
  constructor(document: JsonSchema, side: 'request' | 'response') {
    this.#document = document;
    this.#hidden = side === 'request' ? 'readOnly' : 'writeOnly';
  }

  /**
   * Follows the `$ref` of a parameter, a body, a response or a schema.
   * @throws OperationError when it leads to nothing, or out of the document
   */
  resolve(value: unknown): JsonSchema {
    const resolved = resolveSchema(value, this.#document);
    if (resolved === undefined)
      throw new OperationError(this.#referenceProblem(isSchema(value) ? value.$ref : undefined));
    return resolved;
  }

  /**
   * The schema with references to `$defs`.
   * @param uses gets the references, for `definitions`
   * @throws OperationError for a reference that leads to nothing
   */
  localize(schema: unknown, uses: Set<string>): JsonSchema {
    return isSchema(schema) ? this.#localizeObject(schema, uses) : schema === false ? { not: {} } : {};
  }

  /** `$defs` for these references, and for those in what they refer to; nothing when there are none. */
  definitions(uses: Iterable<string>): { $defs?: JsonSchema } {
    const all = new Set(uses);
    // A set grows while it is walked.
    for (const ref of all) for (const inner of this.#definitions.get(ref)?.uses ?? []) all.add(inner);
    const found = [...all].flatMap((ref) => this.#definitions.get(ref) ?? []);
    return found.length === 0 ? {} : { $defs: Object.fromEntries(found.map(({ name, schema }) => [name, schema])) };
  }

  #localizeObject(schema: JsonSchema, uses: Set<string>): JsonSchema {
    const { nullable, ...rest } = this.#withoutHidden(schema);
    const copy: JsonSchema = {};
    for (const [key, value] of Object.entries(rest)) {
      if (key === '$ref') copy.$ref = this.#define(String(value), uses);
      else if (schemaMaps.has(key) && isSchema(value)) {
        copy[key] = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, this.#part(one, uses)]));
      } else if (subschemas.has(key)) {
        copy[key] = Array.isArray(value) ? value.map((one) => this.#part(one, uses)) : this.#part(value, uses);
      } else if (!left.has(key) && !key.startsWith('x-')) copy[key] = value;
    }
    // What 3.0 said beside a $ref or an allOf.
    return nullable === true ? { anyOf: [copy, { type: 'null' }] } : copy;
  }

  #withoutHidden(schema: JsonSchema): JsonSchema {
    if (!isSchema(schema.properties)) return schema;
    const all = Object.entries(schema.properties);
    const shown = all.filter(([, property]) => this.resolve(property)[this.#hidden] !== true);
    if (shown.length === all.length) return schema;
    const names = new Set(shown.map(([name]) => name));
    const required = Array.isArray(schema.required) ? schema.required.filter((name) => names.has(name)) : [];
    return { ...schema, properties: Object.fromEntries(shown), required };
  }

  #part(schema: unknown, uses: Set<string>): unknown {
    return typeof schema === 'boolean' ? schema : this.localize(schema, uses);
  }

  /** The reference under which a definition is found in `$defs`. */
  #define(ref: string, uses: Set<string>): string {
    const known = this.#definitions.get(ref);
    uses.add(ref);
    if (known) return pointerTo(known.name);
    const target = resolveSchema({ $ref: ref }, this.#document);
    if (target === undefined) throw new OperationError(this.#referenceProblem(ref));
    const definition: Definition = { name: this.#freeName(ref), schema: {}, uses: new Set() };
    // Known before it is made: it may refer to itself.
    this.#definitions.set(ref, definition);
    try {
      definition.schema = this.localize(target, definition.uses);
    } catch (error) {
      // Those made meanwhile may refer to it.
      const refs = [...this.#definitions.keys()];
      for (const made of refs.slice(refs.indexOf(ref))) this.#definitions.delete(made);
      throw error;
    }
    return pointerTo(definition.name);
  }

  #freeName(ref: string): string {
    const last = ref.slice(ref.lastIndexOf('/') + 1).replace(/[^\w-]/gu, '_') || 'Schema';
    let name = last;
    for (let count = 2; this.#names.has(name); count++) name = `${last}_${count}`;
    this.#names.add(name);
    return name;
  }

  #referenceProblem(ref: unknown): string {
    const shown = String(ref).slice(0, 200);
    return shown.startsWith('#')
      ? `its reference ${shown} leads to nothing in the document`
      : `its reference ${shown} leads out of the document, and nothing else is loaded; bundle the document into one file`;
  }
}

interface Definition {
  name: string;
  schema: JsonSchema;
  uses: Set<string>;
}

const schemaMaps = new Set(['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions']);
const subschemas = new Set(
  'items prefixItems allOf anyOf oneOf not if then else contains additionalProperties unevaluatedProperties unevaluatedItems propertyNames'.split(
    ' ',
  ),
);
/** Identifiers would change what a `$ref` means; the others say nothing to a model or a validator. */
const left = new Set(
  '$schema $id $anchor $dynamicAnchor $comment example examples externalDocs xml discriminator'.split(' '),
);

function pointerTo(name: string): string {
  return `#/$defs/${name}`;
}
