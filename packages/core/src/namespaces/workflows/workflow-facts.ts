import { CodeModeError } from '../../errors.ts';
import type { Storage } from '../../storage/storage.ts';
import { sha256 } from '../../storage/values.ts';
import { isSchema } from '../../tool-sources/schema-shape.ts';
import type { JsonSchema } from '../../tool-sources/tool.ts';
import { Places } from '../places.ts';
import type { SessionServices } from '../session-services.ts';

/** What a source says of itself. See the kernel's `workflow_analysis.py`. */
export interface WorkflowFacts {
  description: string;
  inputSchema: JsonSchema;
  outputSchema?: JsonSchema;
  tools: string[];
  workflows: string[];
  /** Imported packages that are not Python's own. */
  packages: string[];
  /** Of the PEP 723 header; absent without one. */
  requirements?: string[];
  /** Names in the code, for search. */
  identifiers: string[];
  /** What docstrings say beside the description, for search. */
  details?: string;
}

/** Analyses sources, each text once: the result is kept in storage under the hash of the text. */
export class WorkflowAnalyser {
  readonly #storage: Storage;
  readonly #analyse: SessionServices['analyse'];
  readonly #known = new Map<string, Promise<WorkflowFacts>>();
  /** Each analysis has a kernel of its own. */
  readonly #places = new Places(4);

  constructor({ storage, analyse }: Pick<SessionServices, 'storage' | 'analyse'>) {
    this.#storage = storage;
    this.#analyse = analyse;
  }

  /** @throws CodeModeError `invalid_source` with Python's sentence; `kernel_start_failed` */
  facts(source: string, hash = sha256(source)): Promise<WorkflowFacts> {
    let known = this.#known.get(hash);
    if (known === undefined) {
      known = this.#find(source, hash);
      this.#known.set(hash, known);
      // A source stays as broken as it is; a kernel that did not start may start the next time.
      known.catch((error: unknown) => {
        if (!(CodeModeError.isInstance(error) && error.code === 'invalid_source')) this.#known.delete(hash);
      });
      if (this.#known.size > keptFacts) this.#known.delete(this.#known.keys().next().value as string);
    }
    return known;
  }

  async #find(source: string, hash: string): Promise<WorkflowFacts> {
    if (source.length > maxSourceLength) {
      throw new CodeModeError(
        'invalid_source',
        `The source is longer than ${maxSourceLength} characters; keep data in an artifact.`,
      );
    }
    const key = `workflow-facts/${hash}` as const;
    const kept = readFacts((await this.#storage.get(key).catch(() => undefined))?.metadata?.facts);
    if (kept !== undefined) return kept;
    const facts = readFacts({ format, ...(await this.#analysed(source)) });
    if (facts === undefined) throw new CodeModeError('invalid_source', 'The source could not be analysed.');
    // Only spares the next process the work.
    await this.#storage
      .set(key, new Uint8Array(), { metadata: { facts: { format, ...facts } as never } })
      .catch(() => {});
    return facts;
  }

  async #analysed(source: string): Promise<object> {
    const place = {};
    await this.#places.enter(place);
    try {
      return (await this.#analyse('workflow', source)) as object;
    } finally {
      this.#places.leave(place);
    }
  }
}

/** Facts as they were kept; undefined for what another version of this library wrote. */
export function readFacts(value: unknown): WorkflowFacts | undefined {
  if (!isSchema(value) || value.format !== format) return undefined;
  const { description, inputSchema, outputSchema, tools, workflows, packages, requirements, identifiers, details } =
    value;
  const lists = [tools, workflows, packages, identifiers, requirements ?? []];
  const complete = typeof description === 'string' && isSchema(inputSchema) && lists.every(isTextList);
  if (!complete) return undefined;
  return {
    description,
    inputSchema,
    ...(isSchema(outputSchema) && { outputSchema }),
    tools: tools as string[],
    workflows: workflows as string[],
    packages: packages as string[],
    ...(requirements !== undefined && { requirements: requirements as string[] }),
    identifiers: identifiers as string[],
    ...(typeof details === 'string' && { details }),
  };
}

/** Raise it when the analysis finds more, or something else. */
export const format = 1;
const keptFacts = 20_000;
const maxSourceLength = 1_000_000;

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
