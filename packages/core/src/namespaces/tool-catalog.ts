import { CodeModeError } from '../errors.ts';
import { firstSentence } from '../prompts/plain-text.ts';
import { pythonSignature, pythonStubs, type StubDetail } from '../prompts/python-stubs.ts';
import { type Found, HybridIndex, type HybridOptions, withMode } from '../search/hybrid.ts';
import type { SearchDocument } from '../search/lexical.ts';
import { nearestName } from '../search/nearest-name.ts';
import { toSignature } from '../tool-sources/python-names.ts';
import { objectShape } from '../tool-sources/schema-shape.ts';
import type { Tool } from '../tool-sources/tool.ts';
import type { WireToolSignature } from '../wire/messages.ts';

/** One entry of `tools.list()` and `tools.search(…)`. */
export interface ToolEntry {
  /** What to call and what `describe` takes: the Python path after `tools.`. */
  name: string;
  /** E.g. `tools.weather(*, city: str, days: int = 3) -> dict`; absent with `names`. */
  signature?: string;
  /** The first sentence of the description; absent with `names`. */
  description?: string;
  /** The stub that `describe` shows; only with `full`. */
  stub?: string;
}

/** The tools of a session: looked up, listed, searched and described. It calls none of them. */
export class ToolCatalog {
  /** By host name, in the order in which they were added. */
  readonly #entries = new Map<string, CatalogEntry>();
  readonly #hostNames = new Map<string, string>();
  /** Made with the first search: most sessions never search. */
  #index: HybridIndex | undefined;
  readonly #search: HybridOptions;

  constructor(search: HybridOptions = {}) {
    this.#search = search;
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * Adds the tools of one source.
   * @param sourceName for messages
   * @throws CodeModeError `invalid_options` for a name that is taken, or spelled in Python like one that is, or that
   *   Python cannot call; the tools before it stay added
   */
  add(tools: Iterable<Tool>, sourceName = 'tools'): void {
    for (const tool of tools) {
      const signature = toSignature(tool);
      const other = this.#entries.get(tool.name) ?? this.#entries.get(this.#hostNames.get(signature.path) ?? '');
      if (other !== undefined) throw duplicate(tool, sourceName, other, signature.path);
      this.#entries.set(tool.name, { tool, signature, sourceName });
      this.#hostNames.set(signature.path, tool.name);
      this.#index?.add(toDocument(tool));
    }
  }

  /** By host name, e.g. `github.list-issues`. */
  get(name: string): Tool | undefined {
    return this.#entries.get(name)?.tool;
  }

  [Symbol.iterator](): Iterator<Tool> {
    return [...this.#entries.values()].map(({ tool }) => tool).values();
  }

  /** For the kernel's static check and its proxies. */
  signatures(): WireToolSignature[] {
    return [...this.#entries.values()].map(({ signature }) => signature);
  }

  list(detail: StubDetail = 'summary'): ToolEntry[] {
    return [...this.#entries.values()].map((entry) => toListed(entry, detail));
  }

  /**
   * The tools that fit the query, best first: by its words, and by meaning too when the session has an embedder. When
   * neither finds any, those that have the query in their name or description.
   * @param limit defaults to 10
   */
  async search(query: string, limit = 10, detail: StubDetail = 'summary'): Promise<Found<ToolEntry>> {
    const hits = await this.#searchIndex().search(query, limit);
    const found = hits.map(({ id }) => this.#entries.get(id)).filter((entry) => entry !== undefined);
    const entries = found.length > 0 ? found : this.#containing(query).slice(0, limit);
    return withMode(
      entries.map((entry) => toListed(entry, detail)),
      hits.mode,
    );
  }

  /**
   * The full stub of one tool, or of all tools of a group. A name may be both: `curl` with `curl.get` below it.
   * @param name Python path with or without `tools.`, or host name
   * @throws CodeModeError `tool_not_found` with the nearest name
   */
  describe(name: string): string {
    const entry = this.#find(name) ?? this.#find(name.replace(/^tools\./u, ''));
    const group = `${entry?.signature.path ?? name.replace(/^tools\./u, '').replace(/\.$/u, '')}.`;
    const members = [...this.#entries.values()].filter(({ signature }) => `${signature.path}.`.startsWith(group));
    if (members.length > 0) {
      const tools = members.map(({ tool }) => tool);
      return `${stubHeader}${pythonStubs(tools, 'full')}`;
    }
    throw this.notFound(name);
  }

  /** Stubs of all tools, in Python syntax. */
  stubs(detail: StubDetail = 'full'): string {
    return pythonStubs(this, detail);
  }

  /** The error for a name that no tool has; it says the nearest one. */
  notFound(name: string): CodeModeError {
    const paths = [...this.#hostNames.keys()];
    const nearest = nearestName(name.replace(/^tools\./u, ''), [...paths, ...this.#entries.keys()]);
    const path = nearest === undefined ? undefined : (this.#entries.get(nearest)?.signature.path ?? nearest);
    const known = paths.length <= 12 ? `There are: ${paths.join(', ')}.` : 'Use tools.search("…") to find one.';
    const advice =
      path !== undefined ? `Did you mean '${path}'?` : paths.length === 0 ? 'This session has no tools.' : known;
    return new CodeModeError('tool_not_found', `No tool is named '${name}'. ${advice}`, {
      details: { toolName: name, nearest: path },
    });
  }

  #searchIndex(): HybridIndex {
    this.#index ??= indexOf(this, this.#search);
    return this.#index;
  }

  /** Part of a word is no word: `hub` is in `github`, and search by words does not see it. */
  #containing(query: string): CatalogEntry[] {
    const text = query.trim().toLowerCase();
    if (text === '') return [];
    const entries = [...this.#entries.values()];
    const named = entries.filter(({ tool }) => tool.name.toLowerCase().includes(text));
    const described = entries.filter(({ tool }) => tool.description.toLowerCase().includes(text));
    return [...new Set([...named, ...described])];
  }

  #find(name: string): CatalogEntry | undefined {
    return this.#entries.get(name) ?? this.#entries.get(this.#hostNames.get(name) ?? '');
  }
}

interface CatalogEntry {
  tool: Tool;
  signature: WireToolSignature;
  sourceName: string;
}

function toListed({ tool, signature }: CatalogEntry, detail: StubDetail): ToolEntry {
  if (detail === 'names') return { name: signature.path };
  const entry = {
    name: signature.path,
    signature: pythonSignature(tool),
    description: firstSentence(tool.description),
  };
  return detail === 'full' ? { ...entry, stub: pythonStubs([tool], 'full') } : entry;
}

const stubHeader = '# Calls return data. tools.NAME.aio(...) is the awaitable form.\n';

function indexOf(tools: Iterable<Tool>, options: HybridOptions): HybridIndex {
  const index = new HybridIndex(options);
  for (const tool of tools) index.add(toDocument(tool));
  return index;
}

function toDocument(tool: Tool): SearchDocument {
  const parameters = [...(objectShape(tool.inputSchema)?.properties ?? [])].map(([name, { description }]) =>
    typeof description === 'string' ? `${name} ${description}` : name,
  );
  return { id: tool.name, name: tool.name, description: tool.description, parameters: parameters.join(' ') };
}

function duplicate(tool: Tool, sourceName: string, other: CatalogEntry, path: string): CodeModeError {
  const same = tool.name === other.tool.name;
  const problem = same
    ? `Two tools are named '${tool.name}', from '${other.sourceName}' and '${sourceName}'`
    : `Tools '${other.tool.name}' (from '${other.sourceName}') and '${tool.name}' (from '${sourceName}') are both \`tools.${path}\` in Python`;
  return new CodeModeError(
    'invalid_options',
    `${problem}; give one another name with its source's \`prefix\` or \`rename\` option.`,
    {
      details: { toolNames: [other.tool.name, tool.name], sources: [other.sourceName, sourceName] },
    },
  );
}
