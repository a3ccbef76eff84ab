import { named } from '../naming.ts';
import { toSignature } from '../python-names.ts';
import type { Tool, ToolProblem, ToolSource } from '../tool.ts';
import type { FromYamlOptions } from './from-yaml.ts';
import { hider, hideValues } from './hide-values.ts';
import { type LoadedFile, loadToolFile } from './load-tool-file.ts';
import { readToolFiles } from './tool-files.ts';

/** What `fromYaml` returns: each file has a source of its own, and this one puts their tools together. */
export class YamlSource implements ToolSource {
  readonly name: string;
  readonly #path: string;
  readonly #options: FromYamlOptions;
  readonly #watchers = new Set<() => void>();
  #loaded: Promise<Loaded> | undefined;
  #problems: ToolProblem[] = [];

  /**
   * @param name the path as it was given, for messages
   * @param path the same, absolute: the working directory may change until the files are read
   */
  constructor(name: string, path: string, options: FromYamlOptions) {
    this.name = name;
    this.#path = path;
    this.#options = options;
  }

  async tools(): Promise<Tool[]> {
    this.#loaded ??= this.#load();
    const { files, problems } = await this.#loaded;
    const left = [...problems];
    const tools: Tool[] = [];
    const taken = new Map<string, string>();
    // Asked at the same time: a server may have to start for its tools.
    for (const found of await Promise.all(files.map((file) => this.#toolsOf(file)))) {
      left.push(...found.problems);
      for (const tool of found.tools) {
        const problem = nameProblem(tool, found.path, taken);
        if (problem === undefined) tools.push(tool);
        else left.push(this.#problem(found.path, `${found.path}: ${problem}`));
      }
    }
    this.#problems = left;
    return tools;
  }

  problems(): readonly ToolProblem[] {
    return this.#problems;
  }

  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  async close(): Promise<void> {
    const loaded = await this.#loaded;
    this.#loaded = undefined;
    for (const stop of loaded?.stops ?? []) stop();
    await Promise.all(loaded?.files.map(({ source }) => source?.close?.()) ?? []);
  }

  async #load(): Promise<Loaded> {
    const { env = process.env, cli = {}, tags } = this.#options;
    const found = await readToolFiles(this.#path, this.name);
    const problems = found.problems.map(({ path, message }) => this.#problem(path, `${path} ${message}`));
    const files: LoadedFile[] = [];
    const names = new Map<string, LoadedFile>();
    for (const file of await Promise.all(found.files.map((each) => loadToolFile(each, { env, cli, tags })))) {
      problems.push(...file.problems.map(({ place, message }) => this.#problem(file.path, `${place}: ${message}`)));
      if (file.name === undefined) continue;
      const other = names.get(file.name);
      if (other !== undefined) {
        const message = `${file.path}: the name '${file.name}' is that of ${other.path} too; rename one of the tools`;
        problems.push(this.#problem(file.path, message));
        continue;
      }
      names.set(file.name, file);
      files.push(file);
    }
    const stops = files.flatMap(({ source }) => source?.watch?.(() => this.#changed()) ?? []);
    return { files, problems, stops };
  }

  async #toolsOf({ path, source, variables }: LoadedFile): Promise<Found> {
    const hide = hider(variables);
    try {
      const tools = [...((await source?.tools()) ?? [])].map((tool) => hideValues(tool, variables));
      const problems = (source?.problems?.() ?? []).map(({ subject, message }) =>
        this.#problem(subject, hide(message)),
      );
      return { path, tools: named(tools, this.#options), problems };
    } catch (error) {
      const message = hide(error instanceof Error ? error.message : String(error));
      return { path, tools: [], problems: [this.#problem(path, `${path}: ${message}`)] };
    }
  }

  #changed(): void {
    for (const changed of this.#watchers) changed();
  }

  #problem(subject: string, message: string): ToolProblem {
    return { source: this.name, subject, message: /[.!?]$/u.test(message) ? message : `${message}.` };
  }
}

interface Loaded {
  files: LoadedFile[];
  problems: ToolProblem[];
  stops: (() => void)[];
}

interface Found {
  path: string;
  tools: Tool[];
  problems: ToolProblem[];
}

/** A tool that Python cannot call, or that another hides, would keep the session from starting. */
function nameProblem(tool: Tool, path: string, taken: Map<string, string>): string | undefined {
  try {
    const spelled = toSignature(tool).path;
    const other = taken.get(spelled);
    if (other !== undefined) return `\`tools.${spelled}\` is a tool of ${other} too; rename one of them`;
    taken.set(spelled, path);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
