import { CodeModeError, messageOf } from '../errors.ts';
import { objectShape } from './schema-shape.ts';
import { isAiSdkSchema, isStandardSchema } from './standard-schema.ts';
import type { JsonSchema } from './tool.ts';

/**
 * The JSON Schema of a tool's arguments, from a Standard Schema, an AI SDK schema or a JSON Schema. Without a schema
 * the tool takes no arguments.
 * @throws CodeModeError `invalid_options` when the schema gives no JSON Schema, or not one of an object
 */
export function toInputSchema(toolName: string, schema: unknown): JsonSchema {
  if (schema === undefined) return { type: 'object', properties: {}, additionalProperties: false };
  const jsonSchema = toJsonSchema(toolName, 'input', schema);
  if (objectShape(jsonSchema) === undefined) {
    throw invalid(
      toolName,
      `its input schema describes ${describeType(jsonSchema)}, but Python passes named arguments; wrap it in an object schema`,
    );
  }
  // Frameworks and MCP expect the type to be said.
  return jsonSchema.type === 'object' ? jsonSchema : { ...jsonSchema, type: 'object' };
}

/**
 * The JSON Schema of a tool's result, for its stub.
 * @throws CodeModeError `invalid_options` when the schema gives no JSON Schema
 */
export function toOutputSchema(toolName: string, schema: unknown): JsonSchema {
  return toJsonSchema(toolName, 'output', schema);
}

function toJsonSchema(toolName: string, side: 'input' | 'output', given: unknown): JsonSchema {
  const schema = unwrapLazy(given);
  if (isStandardSchema(schema)) {
    const { vendor, jsonSchema } = schema['~standard'];
    if (jsonSchema === undefined) {
      throw invalid(
        toolName,
        `its ${side} schema (${vendor}) cannot turn itself into a JSON Schema; use zod 4.2 or newer (not zod/mini) or another library with Standard JSON Schema, or pass a JSON Schema`,
      );
    }
    try {
      return jsonSchema[side]({ target: 'draft-2020-12' });
    } catch (cause) {
      throw invalid(
        toolName,
        `its ${side} schema cannot become a JSON Schema (${messageOf(cause)}); use types that JSON has, or pass a JSON Schema`,
        cause,
      );
    }
  }
  const jsonSchema = isAiSdkSchema(schema) ? schema.jsonSchema : schema;
  if (typeof jsonSchema !== 'object' || jsonSchema === null || Array.isArray(jsonSchema)) {
    throw invalid(
      toolName,
      `its ${side} schema is ${jsonSchema === null ? 'null' : typeof jsonSchema}; pass a Standard Schema such as zod's, or a JSON Schema object`,
    );
  }
  if (typeof (jsonSchema as { then?: unknown }).then === 'function') {
    throw invalid(toolName, `its ${side} schema loads asynchronously; pass \`await schema.jsonSchema\` instead`);
  }
  return jsonSchema as JsonSchema;
}

/** The AI SDK's `lazySchema` is a function that returns the schema. */
function unwrapLazy(schema: unknown): unknown {
  if (typeof schema !== 'function' || isStandardSchema(schema)) return schema;
  return (schema as () => unknown)();
}

function describeType(schema: JsonSchema): string {
  const type = schema.type;
  return typeof type === 'string' ? `type '${type}'` : 'no object';
}

function invalid(toolName: string, problem: string, cause?: unknown): CodeModeError {
  return new CodeModeError('invalid_options', `Tool '${toolName}': ${problem}.`, { details: { toolName }, cause });
}
