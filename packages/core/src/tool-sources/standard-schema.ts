/**
 * What this library needs of a Standard Schema (zod, valibot, arktype …): validation, and since version 1.1 of that
 * standard a JSON Schema. Written structurally, so that no schema library is imported.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly jsonSchema?: StandardJsonSchema;
  };
}

export interface StandardJsonSchema {
  input(options: { target: 'draft-2020-12' }): Record<string, unknown>;
  output(options: { target: 'draft-2020-12' }): Record<string, unknown>;
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** A schema object of the AI SDK: `jsonSchema(…)`, `zodSchema(…)`. */
export interface AiSdkSchema<T = unknown> {
  readonly _type: T;
  readonly jsonSchema: unknown;
  readonly validate?: ((value: unknown) => AiSdkValidation<T> | PromiseLike<AiSdkValidation<T>>) | undefined;
}

export type AiSdkValidation<T> = { success: true; value: T } | { success: false; error: Error };

const aiSdkSchema = Symbol.for('vercel.ai.schema');

export function isStandardSchema(schema: unknown): schema is StandardSchema {
  // arktype's schemas are functions.
  return isReference(schema) && isReference((schema as Record<string, unknown>)['~standard']);
}

export function isAiSdkSchema(schema: unknown): schema is AiSdkSchema {
  return isReference(schema) && aiSdkSchema in schema;
}

function isReference(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
