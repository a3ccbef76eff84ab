import { pythonPath } from '../tool-sources/python-names.ts';
import type { Tool } from '../tool-sources/tool.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { pythonStubs } from './python-stubs.ts';
import { toolDescription } from './tool-description.ts';

/** What is described: a `Session`, or the same of something else. */
export interface DescribedSession {
  /** Names of the namespaces Python has. */
  readonly namespaces: readonly string[];
  /** The tools known now. */
  readonly tools: { readonly loaded: Iterable<Tool> };
}

export interface DescribeCodeToolOptions {
  /**
   * Tokens the whole text may take, estimated. What is said anyway may exceed a very small budget.
   * @defaultValue 1_500
   */
  tokenBudget?: number;
}

/**
 * The description of the tool that runs code: how the session works, and its tools in as much detail as the budget
 * takes: full stubs, else signatures, else names, else only their number and how to search them.
 */
export function describeCodeTool(
  session: DescribedSession,
  { tokenBudget = 1_500 }: DescribeCodeToolOptions = {},
): string {
  const head = toolDescription(session.namespaces);
  const all = session.namespaces.includes('tools') ? [...session.tools.loaded] : [];
  if (all.length === 0) return head;
  const left = tokenBudget - estimateTokens(head);
  const fits = (text: string) => estimateTokens(text) <= left;
  const names = `The tools; tools.describe("NAME") tells their arguments:\n${groupedNames(all)}`;
  // Stubs hold the names: where those are too long, nobody needs to write thousands of stubs to see it.
  const richer = fits(names) ? [stubs(all), shortStubs(all), names] : [];
  const section = [...richer, searchOnly(all, ` (${groupCounts(all)})`)].find(fits) ?? searchOnly(all);
  return `${head}\n\n${section}`;
}

function stubs(tools: Tool[]): string {
  return `The tools:\n\n${pythonStubs(tools, 'full')}`;
}

function shortStubs(tools: Tool[]): string {
  return `The tools in short; tools.describe("NAME") tells more:\n\n${pythonStubs(tools, 'summary')}`;
}

function searchOnly(tools: Tool[], groups = ''): string {
  return `There are ${tools.length} tools${groups}. Find the ones you need with tools.search("words").`;
}

/** A line for each group: `tools.github: create_issue, list_issues`. */
function groupedNames(tools: Tool[]): string {
  const groups = new Map<string, string[]>();
  for (const path of tools.map((tool) => `tools.${pythonPath(tool.name)}`)) {
    const dot = path.lastIndexOf('.');
    const group = path.slice(0, dot);
    groups.set(group, [...(groups.get(group) ?? []), path.slice(dot + 1)]);
  }
  return [...groups].map(([group, names]) => `${group}: ${names.join(', ')}`).join('\n');
}

function groupCounts(tools: Tool[]): string {
  const counts = new Map<string, number>();
  for (const path of tools.map((tool) => pythonPath(tool.name))) {
    const group = path.includes('.') ? `tools.${path.slice(0, path.indexOf('.'))}` : 'tools';
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return [...counts].map(([group, count]) => `${group}: ${count}`).join(', ');
}
