import { CodeModeError } from '../../errors.ts';
import { pythonSignature } from '../../prompts/python-stubs.ts';
import type { Metadata, Storage, StoredDocument, StoredEntry } from '../../storage/storage.ts';
import { sha256 } from '../../storage/values.ts';
import { isSchema, objectShape } from '../../tool-sources/schema-shape.ts';
import type { Tool } from '../../tool-sources/tool.ts';
import type { SaveRecord, Workflow } from './workflow.ts';
import { format, readFacts, type WorkflowAnalyser, type WorkflowFacts } from './workflow-facts.ts';
import { reservedReason } from './workflow-name.ts';

/** A workflow without what is counted and decided about it. */
export type CurrentWorkflow = Omit<Workflow, 'trust' | 'stats'> & {
  facts: WorkflowFacts | undefined;
  /** What was given as description when it was saved. */
  given: string;
  /** Of the stored document. */
  documentVersion: string;
};

/**
 * The workflows as they stand in `workflows/…`, where py-code-mode keeps them too. What we save carries its facts beside
 * the text; what came another way is read and analysed when it is first looked at.
 */
export class CurrentWorkflows {
  readonly #storage: Storage;
  readonly #analyser: WorkflowAnalyser;
  /** By name, of any document that was looked at. */
  readonly #known = new Map<string, CurrentWorkflow>();
  #listed: { stamp: string; workflows: readonly CurrentWorkflow[] } | undefined;

  constructor(storage: Storage, analyser: WorkflowAnalyser) {
    this.#storage = storage;
    this.#analyser = analyser;
  }

  /** All of them by name; one that cannot be used has a `problem`. The same list while nothing changes. */
  async list(): Promise<readonly CurrentWorkflow[]> {
    const before = this.#listed;
    const changes = await this.#storage.changes('workflows', before?.stamp);
    if (changes === undefined) return before?.workflows ?? [];
    const { stamp, keys, changed } = changes;
    const byName = new Map(before?.workflows.map((workflow) => [workflow.name, workflow]));
    for (const [name, workflow] of await this.#readAll(changed)) byName.set(name, workflow);
    const workflows = keys.map((key) => byName.get(nameOf({ key }))).filter((workflow) => workflow !== undefined);
    const names = new Set(keys.map((key) => nameOf({ key })));
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name);
    this.#listed = workflows.every(isCertain) ? { stamp, workflows } : undefined;
    return workflows;
  }

  /** One of them with its text. */
  async get(document: StoredDocument): Promise<{ workflow: CurrentWorkflow; source: string }> {
    const source = decode(document.value) ?? '';
    const known = this.#known.get(nameOf(document));
    if (known?.documentVersion === document.version) return { workflow: known, source };
    return { workflow: this.#remember(await this.#read(document)), source };
  }

  async #readAll(entries: StoredEntry[]): Promise<Map<string, CurrentWorkflow>> {
    const read = new Map<string, CurrentWorkflow>();
    // A few at a time: each that has to be analysed starts a kernel.
    for (let start = 0; start < entries.length; start += atOnce) {
      const some = entries.slice(start, start + atOnce).map(async (entry) => {
        const workflow = this.#unchanged(entry) ?? (await this.#fromEntry(entry));
        if (workflow !== undefined) read.set(workflow.name, workflow);
      });
      await Promise.all(some);
    }
    return read;
  }

  #unchanged(entry: StoredEntry): CurrentWorkflow | undefined {
    const known = this.#known.get(nameOf(entry));
    return known?.documentVersion === entry.version ? known : undefined;
  }

  async #fromEntry(entry: StoredEntry): Promise<CurrentWorkflow | undefined> {
    if (entry.problem !== undefined) return broken(entry, '', entry.problem);
    const own = readOwn(entry.metadata);
    if (own) return this.#remember(toCurrent(entry, own.hash, own.facts, own));
    let document: StoredDocument | undefined;
    try {
      document = await this.#storage.get(entry.key);
    } catch (error) {
      // One file that cannot be read must not hide the others.
      if (CodeModeError.isInstance(error) && error.code === 'storage_corrupt') return broken(entry, '', error.message);
      throw error;
    }
    return document && this.#remember(await this.#read(document));
  }

  async #read(document: StoredDocument): Promise<CurrentWorkflow> {
    const hash = sha256(document.value);
    const own = readOwn(document.metadata);
    if (own?.hash === hash) return toCurrent(document, hash, own.facts, own);
    const source = decode(document.value);
    if (source === undefined) return broken(document, hash, 'its file is not UTF-8 text');
    try {
      return toCurrent(document, hash, await this.#analyser.facts(source, hash), {
        given: textOf(document.metadata?.description),
      });
    } catch (error) {
      if (CodeModeError.isInstance(error) && error.code === 'invalid_source')
        return broken(document, hash, error.message);
      // It hides no other either, and is looked at again the next time.
      if (CodeModeError.isInstance(error) && error.code === 'kernel_lost')
        return { ...broken(document, hash, error.message), documentVersion: UNCERTAIN };
      throw error;
    }
  }

  #remember(workflow: CurrentWorkflow): CurrentWorkflow {
    this.#known.set(workflow.name, workflow);
    return workflow;
  }
}

/** What we keep beside a text, as metadata of its document. */
export interface OwnRecord {
  version: number;
  hash: string;
  facts: WorkflowFacts;
  given: string;
  saved: SaveRecord;
}

export function readOwn(metadata: Metadata | undefined): OwnRecord | undefined {
  const own = metadata?.workflow;
  if (!isSchema(own)) return undefined;
  const { version, hash, given, saved } = own;
  const facts = readFacts(own.facts);
  const complete =
    typeof version === 'number' && typeof hash === 'string' && typeof given === 'string' && isSchema(saved);
  return complete && facts ? { version, hash, given, facts, saved: saved as unknown as SaveRecord } : undefined;
}

/** The metadata of a saved text: py-code-mode's two keys, and ours. */
export function toMetadata(own: OwnRecord): Metadata {
  const shape = objectShape(own.facts.inputSchema);
  const parameters = [...(shape?.properties ?? [])].map(([parameter, schema]) => ({
    name: parameter,
    type: typeof schema.type === 'string' ? schema.type : 'string',
    description: textOf(schema.description),
    required: shape?.required.has(parameter) ?? false,
    default: schema.default ?? null,
  }));
  const record = { ...own, facts: { format, ...own.facts }, saved: { ...own.saved } };
  return {
    description: descriptionOf(own.facts, own.given),
    parameters,
    workflow: record,
  } as unknown as Metadata;
}

export function descriptionOf(facts: WorkflowFacts | undefined, given: string): string {
  return facts?.description || given;
}

/** In the place of the version of what could not be looked at. No document has it. */
const UNCERTAIN = '';

function isCertain({ documentVersion }: CurrentWorkflow): boolean {
  return documentVersion !== UNCERTAIN;
}

function nameOf({ key }: Pick<StoredEntry, 'key'>): string {
  return key.slice('workflows/'.length);
}

const atOnce = 8;
const emptySchema = { type: 'object', properties: {}, additionalProperties: true };

function toCurrent(entry: StoredEntry, hash: string, facts: WorkflowFacts, own: Partial<OwnRecord>): CurrentWorkflow {
  const name = nameOf(entry);
  const given = own.given ?? '';
  const reason = reservedReason(name);
  const tool = { name, description: '', annotations: {}, execute: () => {}, ...schemasOf(facts) } satisfies Tool;
  return {
    name,
    description: descriptionOf(facts, given),
    signature: pythonSignature(tool).replace('tools.', 'workflows.'),
    ...schemasOf(facts),
    ...(own.version !== undefined && { version: own.version }),
    hash,
    tools: facts.tools,
    workflows: facts.workflows,
    requirements: facts.requirements ?? facts.packages,
    ...(own.saved && { saved: own.saved }),
    ...(reason !== undefined && { problem: `its name cannot be used: ${reason}` }),
    facts,
    given,
    documentVersion: entry.version,
  };
}

function schemasOf({ inputSchema, outputSchema }: WorkflowFacts): Pick<Workflow, 'inputSchema' | 'outputSchema'> {
  return { inputSchema, ...(outputSchema && { outputSchema }) };
}

function broken(entry: StoredEntry, hash: string, problem: string): CurrentWorkflow {
  const name = nameOf(entry);
  const lists = { tools: [], workflows: [], requirements: [], inputSchema: emptySchema };
  const description = textOf(entry.metadata?.description);
  const signature = `workflows.${name}(...)`;
  return {
    name,
    description,
    signature,
    ...lists,
    hash,
    problem,
    facts: undefined,
    given: '',
    documentVersion: entry.version,
  };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
