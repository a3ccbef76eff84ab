import { toInputSchema, toOutputSchema } from './json-schema.ts';
import { toSignature } from './python-names.ts';
import {
  type AiSdkSchema,
  isAiSdkSchema,
  isStandardSchema,
  type StandardIssue,
  type StandardSchema,
} from './standard-schema.ts';
import type { JsonSchema, Tool, ToolAnnotations, ToolContext, ValidationIssue, ValidationResult } from './tool.ts';

/** What every definition of a tool has. `Input` is what `execute` gets: after defaults and transforms. */
export interface ToolDefinition<Input, Schema> {
  /** Dotted name, e.g. `weather` or `github.issues.list`. Python calls it `tools.weather(…)`. */
  name: string;
  /** What the tool does and returns, for the model; its first sentence stands alone in lists. */
  description: string;
  /**
   * The arguments: a Standard Schema that knows its JSON Schema (zod 4.2 or newer), an AI SDK schema, or a JSON Schema;
   * an object schema in each case.
   * @defaultValue a tool without arguments
   */
  input?: Schema;
  /** What the tool returns, so that the model sees the type. The result is not checked against it. */
  output?: StandardSchema | AiSdkSchema | JsonSchema;
  /** Hints with MCP's meanings; policies read them. */
  annotations?: ToolAnnotations;
  /**
   * Whether a person must approve a call before it runs. A throw counts as yes.
   * @defaultValue false
   */
  needsApproval?: boolean | ((input: Input, context: ToolContext) => boolean | Promise<boolean>);
  /** Runs on the host. Its result, or what its promise resolves to, goes back to Python as data. */
  execute(input: Input, context: ToolContext): unknown;
}

/**
 * Makes a tool of a function.
 * @example
 * ```ts
 * const weather = defineTool({
 *   name: 'weather',
 *   description: 'Forecast for a city.',
 *   input: z.object({ city: z.string(), days: z.int().min(1).default(3) }),
 *   execute: ({ city, days }) => forecast(city, days),
 * });
 * ```
 * @throws CodeModeError `invalid_options` when the name or the schema cannot be offered to Python
 */
export function defineTool<Schema extends StandardSchema>(
  definition: ToolDefinition<OutputOf<Schema>, Schema> & { input: Schema },
): Tool;
export function defineTool<Input = Record<string, unknown>>(
  definition: ToolDefinition<Input, AiSdkSchema<Input> | JsonSchema>,
): Tool;
export function defineTool(definition: ToolDefinition<never, unknown>): Tool {
  const { name, description, input, output, annotations = {}, needsApproval } = definition;
  const validate = validatorOf(input);
  const tool: Tool = {
    name,
    description,
    inputSchema: toInputSchema(name, input),
    ...(output === undefined ? {} : { outputSchema: toOutputSchema(name, output) }),
    annotations,
    ...(validate === undefined ? {} : { validate }),
    ...(needsApproval === undefined || needsApproval === false
      ? {}
      : {
          needsApproval: (args, context) =>
            typeof needsApproval === 'function' ? needsApproval(args as never, context) : needsApproval,
        }),
    execute: (args, context) => definition.execute(args as never, context),
  };
  toSignature(tool);
  return tool;
}

export type OutputOf<Schema> = Schema extends StandardSchema<infer _Input, infer Output> ? Output : never;

function validatorOf(schema: unknown): Tool['validate'] {
  if (isStandardSchema(schema)) {
    const { validate } = schema['~standard'];
    return async (input) => {
      const result = await validate(input);
      if (result.issues === undefined) return { ok: true, input: result.value as Record<string, unknown> };
      return { ok: false, issues: toIssues(result.issues) };
    };
  }
  const validate = isAiSdkSchema(schema) ? schema.validate : undefined;
  if (validate === undefined) return undefined;
  return async (input): Promise<ValidationResult> => {
    const result = await validate(input);
    if (result.success) return { ok: true, input: result.value as Record<string, unknown> };
    return { ok: false, issues: issuesOf(result.error) };
  };
}

/** zod's error has its issues; those of other libraries are the cause of the AI SDK's error. */
function issuesOf(error: Error): ValidationIssue[] {
  const issues = (error as { issues?: unknown }).issues ?? error.cause;
  return Array.isArray(issues) ? toIssues(issues) : [{ path: [], expected: '', message: error.message }];
}

function toIssues(issues: readonly StandardIssue[]): ValidationIssue[] {
  return issues.map((issue) => ({ path: pathOf(issue), expected: '', message: issue.message }));
}

function pathOf(issue: StandardIssue): (string | number)[] {
  return (issue.path ?? []).map((step) => {
    const key = typeof step === 'object' ? step.key : step;
    return typeof key === 'number' ? key : String(key);
  });
}
