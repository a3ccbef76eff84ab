import type { Tool, ToolProblem, ToolSource } from './tool.ts';

/** A source whose `tools()` starts nothing, so that it can be asked before anybody needs them: a framework's tool set. */
export interface ToolSetSource extends ToolSource {
  readonly startsNothing: true;
  /** A list when they are known at once. */
  tools(): Tool[] | Promise<Tool[]>;
  problems(): readonly ToolProblem[];
}

/** The tools of a source, if they are known at once: then a description has them before the first run. */
export function knownNow(item: Tool | ToolSource): (Tool | ToolSource)[] {
  const tools = 'startsNothing' in item && (item as ToolSetSource).tools();
  return Array.isArray(tools) ? [...tools, { ...item, tools: () => [] }] : [item];
}
