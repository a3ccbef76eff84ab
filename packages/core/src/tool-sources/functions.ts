import { defineTool, type OutputOf, type ToolDefinition } from './function.ts';
import { type NamingOptions, named } from './naming.ts';
import type { StandardSchema } from './standard-schema.ts';
import type { ToolSource } from './tool.ts';

export interface FromFunctionsOptions extends NamingOptions {
  /** How messages call the source. @defaultValue `'functions'` */
  name?: string;
}

/** What `defineTool` takes, without the name: that is the key. */
export type FunctionDefinition<Schema> = Omit<
  ToolDefinition<Schema extends StandardSchema ? OutputOf<Schema> : Record<string, unknown>, Schema>,
  'name'
>;

/**
 * Makes tools of several functions, by name.
 * @example
 * ```ts
 * const shop = fromFunctions(
 *   {
 *     price: {
 *       description: 'Price of an article.',
 *       input: z.object({ article: z.string() }),
 *       execute: ({ article }) => priceOf(article),
 *     },
 *   },
 *   { prefix: 'shop' },
 * );
 * ```
 * @throws CodeModeError `invalid_options` when a name or a schema cannot be offered to Python
 */
export function fromFunctions<Schemas extends Record<string, unknown>>(
  functions: { [Name in keyof Schemas]: FunctionDefinition<Schemas[Name]> },
  options: FromFunctionsOptions = {},
): ToolSource {
  const tools = Object.entries(functions).map(([name, definition]) => defineTool({ name, ...definition }));
  const offered = named(tools, options);
  return { name: options.name ?? 'functions', tools: () => offered };
}
