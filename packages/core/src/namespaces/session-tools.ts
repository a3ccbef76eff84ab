import { CodeModeError } from '../errors.ts';
import type { StubDetail } from '../prompts/python-stubs.ts';
import type { Found, HybridOptions } from '../search/hybrid.ts';
import type { Tool, ToolProblem, ToolSource } from '../tool-sources/tool.ts';
import { formatArgumentError, validateArguments } from '../tool-sources/validate-arguments.ts';
import { ToolCatalog, type ToolEntry } from './tool-catalog.ts';

/** The session's tools, for host code. Sources are loaded on first use. */
export class SessionTools {
  readonly #given: (Tool | ToolSource)[];
  readonly #bound = new Map<string, Tool[]>();
  readonly #sessionId: string;
  readonly #search: HybridOptions;
  #catalog: Promise<ToolCatalog> | undefined;
  #sources: Promise<[string, Iterable<Tool>][]> | undefined;
  #loaded: ToolCatalog;

  /** @throws CodeModeError `invalid_options` for two tools with one name */
  constructor(given: Iterable<Tool | ToolSource>, sessionId: string, search: HybridOptions = {}) {
    this.#search = search;
    this.#given = [...given];
    this.#sessionId = sessionId;
    // Tools given directly are known at once, and a mistake shows where it was made.
    this.#loaded = new ToolCatalog(this.#search);
    this.#loaded.add(this.#given.filter((item): item is Tool => !isSource(item)));
  }

  /** What is known without waiting: every tool once the sources are loaded, until then those given directly. */
  get loaded(): ToolCatalog {
    return this.#loaded;
  }

  /**
   * Adds the tools of a host that brings them late, or replaces those it brought before. Python sees them from the
   * next run on.
   * @throws CodeModeError `invalid_options` for a name that is taken; then nothing changes
   */
  bind(sourceName: string, tools: Iterable<Tool>): void {
    const list = [...tools];
    const before = this.#bound.get(sourceName);
    if (before && before.length === list.length && before.every((tool, index) => tool === list[index])) return;
    const catalog = new ToolCatalog(this.#search);
    for (const [name, bound] of new Map(this.#bound).set(sourceName, list)) catalog.add(bound, name);
    catalog.add(this.#given.filter((item): item is Tool => !isSource(item)));
    this.#bound.set(sourceName, list);
    this.#loaded = catalog;
    this.#catalog = undefined;
  }

  /** Every tool. @param detail defaults to `summary`: name, Python signature and first sentence */
  async list(detail?: StubDetail): Promise<ToolEntry[]> {
    return (await this.catalog()).list(detail);
  }

  /**
   * The tools that fit the query, best first; `mode` says how they were found.
   * @param limit defaults to 10
   * @param detail defaults to `summary`
   */
  async search(query: string, limit?: number, detail?: StubDetail): Promise<Found<ToolEntry>> {
    return await (await this.catalog()).search(query, limit, detail);
  }

  /** The Python stub of a tool, by its name or its Python path. @throws CodeModeError `tool_not_found` */
  async describe(name: string): Promise<string> {
    return (await this.catalog()).describe(name);
  }

  /**
   * Calls a tool from the host, with the same validation as from Python.
   * @throws CodeModeError `tool_not_found`, `invalid_arguments`, `approval_required`; and whatever the tool throws
   */
  async call(
    name: string,
    input: Record<string, unknown> = {},
    options: { signal?: AbortSignal } = {},
  ): Promise<unknown> {
    const catalog = await this.catalog();
    const tool = catalog.get(name);
    if (!tool) throw catalog.notFound(name);
    const checked = await validateArguments(tool, input);
    if (!checked.ok) {
      throw new CodeModeError('invalid_arguments', formatArgumentError(name, checked.issues), {
        details: { issues: checked.issues },
      });
    }
    const signal = options.signal ?? new AbortController().signal;
    const context = { sessionId: this.#sessionId, toolName: tool.name, signal };
    if (await tool.needsApproval?.(checked.input, context)) {
      throw new CodeModeError(
        'approval_required',
        `${name} needs approval; call it from a run, where somebody can be asked.`,
      );
    }
    return tool.execute(checked.input, context);
  }

  /** What the sources left out, and why. */
  async problems(): Promise<ToolProblem[]> {
    await this.catalog();
    return this.#given.flatMap((item) => (isSource(item) ? [...(item.problems?.() ?? [])] : []));
  }

  /** The loaded catalog. @throws CodeModeError `invalid_options` for two tools with one name */
  catalog(): Promise<ToolCatalog> {
    this.#catalog ??= this.#load().catch((error: unknown) => {
      this.#catalog = undefined;
      throw error;
    });
    return this.#catalog;
  }

  /** Closes the sources. */
  async close(): Promise<void> {
    await Promise.all(this.#given.map((item) => (isSource(item) ? item.close?.() : undefined)));
  }

  async #load(): Promise<ToolCatalog> {
    const catalog = new ToolCatalog(this.#search);
    this.#sources ??= Promise.all(
      this.#given.map(
        async (item): Promise<[string, Iterable<Tool>]> =>
          isSource(item) ? [item.name, await item.tools()] : ['tools', [item]],
      ),
    );
    try {
      for (const [name, tools] of await this.#sources) catalog.add(tools, name);
    } catch (error) {
      this.#sources = undefined;
      throw error;
    }
    for (const [name, tools] of this.#bound) catalog.add(tools, name);
    this.#loaded = catalog;
    return catalog;
  }
}

function isSource(item: Tool | ToolSource): item is ToolSource {
  return typeof (item as ToolSource).tools === 'function';
}
