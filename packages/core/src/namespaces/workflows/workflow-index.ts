import { type Found, HybridIndex, type HybridOptions, withMode } from '../../search/hybrid.ts';
import { objectShape } from '../../tool-sources/schema-shape.ts';
import type { CurrentWorkflow } from './current-workflows.ts';

/** Search over workflows. Only what has changed since the last search is indexed again. */
export class WorkflowIndex {
  readonly #index: HybridIndex;
  /** Those that are indexed, by name. */
  #indexed = new Map<string, CurrentWorkflow>();
  #listed: readonly CurrentWorkflow[] = [];

  constructor(options?: HybridOptions) {
    this.#index = new HybridIndex(options);
  }

  /**
   * The workflows that fit, best first. One that cannot be used is not found.
   * @param listed all that there are; the same list as before means that nothing has changed
   */
  async search(listed: readonly CurrentWorkflow[], query: string, limit: number): Promise<Found<CurrentWorkflow>> {
    if (listed !== this.#listed) this.#update(listed);
    // Another search may bring a newer list while this one waits for the embedder.
    const indexed = this.#indexed;
    const hits = await this.#index.search(query, limit);
    const found = hits.map(({ id }) => indexed.get(id)).filter((workflow) => workflow !== undefined);
    return withMode(found, hits.mode);
  }

  #update(listed: readonly CurrentWorkflow[]): void {
    const before = this.#indexed;
    const usable = listed.filter(({ problem }) => problem === undefined);
    this.#indexed = new Map(usable.map((workflow) => [workflow.name, workflow]));
    for (const name of before.keys()) if (!this.#indexed.has(name)) this.#index.remove(name);
    for (const workflow of usable) {
      if (before.get(workflow.name)?.documentVersion !== workflow.documentVersion) this.#add(workflow);
    }
    this.#listed = listed;
  }

  #add({ name, facts, description, given, tools, inputSchema }: CurrentWorkflow): void {
    const parameters = [...(objectShape(inputSchema)?.properties ?? [])].map(([parameter, schema]) =>
      typeof schema.description === 'string' ? `${parameter} ${schema.description}` : parameter,
    );
    this.#index.add({
      id: name,
      name,
      description: given === description ? description : `${description}\n${given}`,
      parameters: parameters.join(' '),
      details: facts?.details ?? '',
      code: [...tools, ...(facts?.identifiers ?? [])].join(' '),
    });
  }
}
