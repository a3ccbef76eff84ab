import type { Tool, ToolSource } from '../../../src/tool-sources/tool.ts';
import { validateArguments } from '../../../src/tool-sources/validate-arguments.ts';

/** Calls a source's tool with checked arguments, as dispatch does. */
export async function call(
  source: ToolSource,
  name: string,
  input: Record<string, unknown> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<unknown> {
  const tool = await toolOf(source, name);
  const checked = await validateArguments(tool, input);
  if (!checked.ok) throw new Error(checked.issues.map(({ message, expected }) => message ?? expected).join('; '));
  return tool.execute(checked.input, { sessionId: 's', toolName: name, signal });
}

export async function toolOf(source: ToolSource, name: string): Promise<Tool> {
  const tools = [...(await source.tools())];
  const tool = tools.find((one) => one.name === name);
  if (!tool) throw new Error(`No tool '${name}' among ${tools.map((one) => one.name).join(', ')}`);
  return tool;
}

/** What a call that fails throws. */
export async function failure(promise: Promise<unknown>): Promise<Error & { details?: unknown }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('The call did not fail.');
}
