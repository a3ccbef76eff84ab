import { CodeModeError } from '../errors.ts';
import type { StubDetail } from '../prompts/python-stubs.ts';
import type { Found, HybridOptions } from '../search/hybrid.ts';
import type { Tool, ToolProblem, ToolSource } from '../tool-sources/tool.ts';
import type { HostCaller } from './host-caller.ts';
import { LoadedSource } from './loaded-source.ts';
import { ToolCatalog, type ToolEntry } from './tool-catalog.ts';

/** Tools, and whether there are others that load late. */
export interface KnownTools {
  catalog: ToolCatalog;
  late: boolean;
}

/** The session's tools, for host code. Sources are loaded when a tool is first needed or looked for. */
export class SessionTools {
  readonly #given: (Tool | LoadedSource)[];
  readonly #bound = new Map<string, Tool[]>();
  readonly #caller: HostCaller;
  readonly #search: HybridOptions;
  readonly #warned = new Set<string>();
  /** Sources that were loaded again: what they bring now must not end runs that went well before. */
  readonly #reloaded = new Set<LoadedSource>();
  #leftOut: ToolProblem[] = [];
  /** What `loaded` was made of is what there is, sources aside. */
  #built = true;
  #loadedOnce = false;
  #loading: Promise<ToolCatalog> | undefined;
  #loaded: ToolCatalog;
  #closed = false;

  /** @throws CodeModeError `invalid_options` for two tools with one name */
  constructor(given: Iterable<Tool | ToolSource>, caller: HostCaller, search: HybridOptions = {}) {
    this.#search = search;
    this.#given = [...given].map((item) => (isSource(item) ? new LoadedSource(item) : item));
    this.#caller = caller;
    // Tools given directly are known at once, and a mistake shows where it was made.
    this.#loaded = this.#build();
  }

  /** What is known without waiting: the tools given directly or bound, and those of the sources loaded so far. */
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
    this.#loaded = this.#build(new Map(this.#bound).set(sourceName, list));
    this.#bound.set(sourceName, list);
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
   * Calls a tool from the host, with the same middleware, validation, policy and record as from Python.
   * @throws CodeModeError `tool_not_found`, `invalid_arguments`, `approval_required`, `approval_denied`; and whatever the tool throws
   */
  async call(
    name: string,
    input: Record<string, unknown> = {},
    options: { signal?: AbortSignal } = {},
  ): Promise<unknown> {
    return await this.#caller.call(await this.catalog(), name, input, options.signal);
  }

  /** What the sources left out, and why. Loads them; each problem is also a `warning` event when it first shows. */
  async problems(): Promise<ToolProblem[]> {
    await this.catalog();
    return [...this.#sources.flatMap(({ problems }) => problems), ...this.#leftOut];
  }

  /**
   * All tools, once every source is loaded; sources load at the same time. A tool that a source brings later under a
   * name that is taken is left out, and is a problem.
   * @throws CodeModeError `invalid_options` for two tools with one name; `session_closed`
   */
  async catalog(): Promise<ToolCatalog> {
    if (this.#closed) throw new CodeModeError('session_closed', 'The session is closed, and its tools with it.');
    if (this.#complete) return this.#loaded;
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return await this.#loading;
  }

  /**
   * What Python is told before a run: all tools when the code names `tools`, or `workflows`, whose code calls tools;
   * else what is loaded. Code that gets at a tool without naming it waits for the rest then (`tools.load`).
   * @throws CodeModeError as `catalog`
   */
  async forRun(code: string): Promise<KnownTools> {
    return /\b(?:tools|workflows)\b/.test(code) ? { catalog: await this.catalog(), late: false } : this.known;
  }

  /** What Python can be told without waiting. */
  get known(): KnownTools {
    return { catalog: this.#loaded, late: !this.#complete };
  }

  /** Ends the use of the sources; each is closed by the last session that uses it. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#sources.map((source) => source.close()));
  }

  /** Whether `loaded` is all there is: no source waits to be loaded, for the first time or after a change. */
  get #complete(): boolean {
    return this.#built && this.#sources.every(({ current }) => current);
  }

  get #sources(): LoadedSource[] {
    return this.#given.filter((item) => item instanceof LoadedSource);
  }

  async #load(): Promise<ToolCatalog> {
    this.#built = false;
    const late = this.#sources.filter(({ current }) => !current);
    await Promise.all(late.map((source) => source.load()));
    if (this.#loadedOnce) for (const source of late) this.#reloaded.add(source);
    this.#loaded = this.#build();
    for (const problem of [...late.flatMap(({ problems }) => problems), ...this.#leftOut]) this.#warn(problem);
    this.#built = true;
    this.#loadedOnce = true;
    return this.#loaded;
  }

  /** Sources that were loaded again come last, so that none of them takes a name away. */
  #build(bound: ReadonlyMap<string, Tool[]> = this.#bound): ToolCatalog {
    const catalog = new ToolCatalog(this.#search);
    for (const item of this.#given) {
      if (!(item instanceof LoadedSource)) catalog.add([item]);
      else if (!this.#reloaded.has(item)) catalog.add(item.tools, item.source.name);
    }
    for (const [name, tools] of bound) catalog.add(tools, name);
    const sources = this.#sources.filter((source) => this.#reloaded.has(source));
    this.#leftOut = sources.flatMap(({ tools, source: { name } }) => addWherePossible(catalog, tools, name));
    return catalog;
  }

  #warn({ source, subject, message }: ToolProblem): void {
    const isNamed = subject === source || message.startsWith(subject);
    const warning = `Tools of ${source}: ${isNamed ? '' : `${subject}: `}${message}`;
    // A server that ends because the session does has no problem.
    if (this.#closed || this.#warned.has(warning)) return;
    this.#warned.add(warning);
    this.#search.warn?.(warning);
  }
}

/** @returns what could not be added */
function addWherePossible(catalog: ToolCatalog, tools: readonly Tool[], source: string): ToolProblem[] {
  return tools.flatMap((tool) => {
    try {
      catalog.add([tool], source);
      return [];
    } catch (error) {
      if (!CodeModeError.isInstance(error)) throw error;
      return [{ source, subject: tool.name, message: error.message }];
    }
  });
}

function isSource(item: Tool | ToolSource): item is ToolSource {
  return typeof (item as ToolSource).tools === 'function';
}
