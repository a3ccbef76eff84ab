import type { Ajv, Options, ValidateFunction } from 'ajv';
import { CodeModeError } from '../errors.ts';
import { issuesOf } from './schema-issues.ts';
import type { JsonSchema, ValidationIssue } from './tool.ts';

/**
 * What is wrong with a value under a JSON Schema; empty when nothing is. The schema is compiled on first use.
 * @throws CodeModeError `invalid_options` when the schema cannot be compiled
 */
export async function schemaIssues(toolName: string, schema: JsonSchema, value: unknown): Promise<ValidationIssue[]> {
  let compiled = validators.get(schema);
  if (compiled === undefined) {
    compiled = { first: await compile(toolName, schema, false) };
    validators.set(schema, compiled);
  }
  if (compiled.first(value) === true) return [];
  // Listing every fault of a huge value would fill the memory; of that one the first must do.
  if (isLarge(value)) return issuesOf(compiled.first.errors ?? [], schema);
  compiled.all ??= await compile(toolName, schema, true);
  compiled.all(value);
  return issuesOf(compiled.all.errors ?? [], schema);
}

interface Compiled {
  first: ValidateFunction;
  all?: ValidateFunction;
}

const validators = new WeakMap<JsonSchema, Compiled>();
const maxNodes = 10_000;

async function compile(toolName: string, schema: JsonSchema, allErrors: boolean): Promise<ValidateFunction> {
  const { $schema, $async: _, ...document } = schema;
  const compiler = await compilerFor(
    typeof $schema === 'string' && /draft-0[467]/u.test($schema) ? 'draft-07' : '2020-12',
    allErrors,
  );
  try {
    return compiler.compile(document);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CodeModeError(
      'invalid_options',
      `Tool '${toolName}': its input schema is no valid JSON Schema (${reason}); correct it where the tool is defined.`,
      {
        details: { toolName },
        cause,
      },
    );
  } finally {
    compiler.removeSchema(document);
  }
}

type Draft = 'draft-07' | '2020-12';

const compilers = new Map<string, Promise<Ajv>>();

/** Loaded with the first call of a tool that needs it. */
function compilerFor(draft: Draft, allErrors: boolean): Promise<Ajv> {
  const key = `${draft} ${allErrors}`;
  const known = compilers.get(key);
  if (known !== undefined) return known;
  const compiler = createCompiler(draft, allErrors);
  compilers.set(key, compiler);
  return compiler;
}

async function createCompiler(draft: Draft, allErrors: boolean): Promise<Ajv> {
  const options: Options = {
    strict: false,
    allErrors,
    verbose: true,
    logger: false,
    // Compiling finds the mistakes that matter; checking schemas against their meta-schema first takes 150 ms.
    validateSchema: false,
    meta: false,
    // Two tools may carry the same `$id`.
    addUsedSchema: false,
    code: { regExp: Object.assign(lenientRegExp, { code: 'new RegExp' }) },
  };
  const [ajv, ajv2020, formats] = await Promise.all([import('ajv'), import('ajv/dist/2020.js'), import('ajv-formats')]);
  const compiler = draft === 'draft-07' ? new ajv.Ajv(options) : new ajv2020.Ajv2020(options);
  formats.default.default(compiler);
  return compiler;
}

/** Patterns of other languages' regular expressions are left to the tool. */
function lenientRegExp(pattern: string): { test(text: string): boolean } {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(pattern, flags);
    } catch {
      // The next flags, or none that fit.
    }
  }
  return { test: () => true };
}

function isLarge(value: unknown): boolean {
  const pending = [value];
  for (let count = 0; pending.length > 0; count++) {
    if (count > maxNodes || pending.length > maxNodes) return true;
    const next = pending.pop();
    if (typeof next === 'object' && next !== null) for (const item of Object.values(next)) pending.push(item);
  }
  return false;
}
