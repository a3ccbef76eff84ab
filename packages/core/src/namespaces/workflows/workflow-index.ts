import { type Found, HybridIndex, type HybridOptions, withMode } from '../../search/hybrid.ts';
import { objectShape } from '../../tool-sources/schema-shape.ts';
import type { CurrentWorkflow } from './current-workflows.ts';

/** Search over workflows. Only what has changed since the last search is indexed again. */
export class WorkflowIndex {
  readonly #index: HybridIndex;
  /** Name to the version of the document that is indexed. */
  readonly #indexed = new Map<string, string>();

  constructor(options?: HybridOptions) {
    this.#index = new HybridIndex(options);
  }

  /** The workflows that fit, best first. One that cannot be used is not found. */
  async search(workflows: readonly CurrentWorkflow[], query: string, limit: number): Promise<Found<CurrentWorkflow>> {
    const byName = new Map(
      workflows.filter(({ problem }) => problem === undefined).map((workflow) => [workflow.name, workflow]),
    );
    for (const name of this.#indexed.keys()) if (!byName.has(name)) this.#remove(name);
    for (const workflow of byName.values()) this.#add(workflow);
    const hits = await this.#index.search(query, limit);
    const found = hits.map(({ id }) => byName.get(id)).filter((workflow) => workflow !== undefined);
    return withMode(found, hits.mode);
  }

  #add(workflow: CurrentWorkflow): void {
    const { name, documentVersion, facts, description, given, tools } = workflow;
    if (this.#indexed.get(name) === documentVersion) return;
    const parameters = [...(objectShape(workflow.inputSchema)?.properties ?? [])].map(([parameter, schema]) =>
      typeof schema.description === 'string' ? `${parameter} ${schema.description}` : parameter,
    );
    this.#index.add({
      id: name,
      name,
      description: given === description ? description : `${description}\n${given}`,
      parameters: parameters.join(' '),
      code: [...tools, ...(facts?.identifiers ?? [])].join(' '),
    });
    this.#indexed.set(name, documentVersion);
  }

  #remove(name: string): void {
    this.#index.remove(name);
    this.#indexed.delete(name);
  }
}
