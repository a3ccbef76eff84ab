import { CodeModeError } from '../../errors.ts';
import { type Found, withMode } from '../../search/hybrid.ts';
import { nearestName } from '../../search/nearest-name.ts';
import type { Storage, StoredDocument } from '../../storage/storage.ts';
import { sha256 } from '../../storage/values.ts';
import type { SessionServices } from '../session-services.ts';
import {
  type CurrentWorkflow,
  CurrentWorkflows,
  descriptionOf,
  type OwnRecord,
  readOwn,
  toMetadata,
} from './current-workflows.ts';
import { isConflict } from './small-documents.ts';
import type { SaveRecord, Workflow, WorkflowSource, WorkflowTrust, WorkflowVersion } from './workflow.ts';
import { WorkflowAnalyser } from './workflow-facts.ts';
import { withHeader } from './workflow-header.ts';
import { WorkflowIndex } from './workflow-index.ts';
import { workflowKey } from './workflow-name.ts';
import { noStats, WorkflowStatistics } from './workflow-statistics.ts';
import { TrustRecord, WorkflowTrusts } from './workflow-trust.ts';
import { WorkflowVersions } from './workflow-versions.ts';

/**
 * The workflows of a store. The current text of each is `workflows/<name>`, where py-code-mode reads and writes it; old
 * texts, counts and decisions are in collections of ours.
 */
export class WorkflowLibrary {
  readonly statistics: WorkflowStatistics;
  readonly #storage: Storage;
  readonly #emit: SessionServices['emit'];
  readonly #analyser: WorkflowAnalyser;
  readonly #current: CurrentWorkflows;
  readonly #versions: WorkflowVersions;
  readonly #trusts: WorkflowTrusts;
  readonly #index: WorkflowIndex;

  constructor(services: Pick<SessionServices, 'storage' | 'analyse' | 'emit' | 'search'>) {
    this.#storage = services.storage;
    this.#emit = services.emit;
    this.#analyser = new WorkflowAnalyser(services);
    this.#current = new CurrentWorkflows(services.storage, this.#analyser);
    this.#versions = new WorkflowVersions(services.storage);
    this.#trusts = new WorkflowTrusts(services.storage);
    this.statistics = new WorkflowStatistics(services.storage);
    this.#index = new WorkflowIndex(services.search);
  }

  /** All workflows by name, also those that cannot be used. */
  async list(): Promise<Workflow[]> {
    const [workflows, trusts, stats] = await Promise.all([
      this.#current.list(),
      this.#trusts.all(),
      this.statistics.all(),
    ]);
    const noTrust = new TrustRecord();
    return workflows.map((workflow) =>
      toWorkflow(
        workflow,
        (trusts.get(workflow.name) ?? noTrust).of(workflow.hash),
        stats.get(workflow.name) ?? noStats,
      ),
    );
  }

  /** Those that fit the query, best first. */
  async search(query: string, limit: number): Promise<Found<Workflow>> {
    const found = await this.#index.search(await this.#current.list(), query, limit);
    return withMode(await Promise.all(found.map((workflow) => this.#complete(workflow))), found.mode);
  }

  /** @throws CodeModeError `invalid_name` */
  async get(name: string): Promise<WorkflowSource | undefined> {
    const document = await this.#storage.get(workflowKey(name));
    if (document === undefined) return undefined;
    const { workflow, source } = await this.#current.get(document);
    return { ...(await this.#complete(workflow)), source };
  }

  /** What is saved under the name now, without what is counted and decided about it. */
  async current(name: string): Promise<{ workflow: CurrentWorkflow; source: string } | undefined> {
    if (!(await this.has(name))) return undefined;
    const document = await this.#storage.get(workflowKey(name));
    return document && (await this.#current.get(document));
  }

  /** A name that no workflow can have is not there. */
  async has(name: string): Promise<boolean> {
    try {
      return (await this.#storage.head(workflowKey(name))) !== undefined;
    } catch (error) {
      if (CodeModeError.isInstance(error) && error.code === 'invalid_name') return false;
      throw error;
    }
  }

  /**
   * Saves a text as a new version. One that imports packages and has no PEP 723 header gets one.
   * @param by who saves it
   * @throws CodeModeError `invalid_name`, `invalid_source`
   */
  async create(name: string, source: string, description: string, by: Omit<SaveRecord, 'at'>): Promise<Workflow> {
    const key = workflowKey(name);
    let facts = await this.#factsOf(name, source);
    let text = source;
    if (facts.requirements === undefined && facts.packages.length > 0) {
      text = withHeader(source, facts.packages);
      facts = { ...facts, requirements: facts.packages };
    }
    const bytes = Buffer.from(text);
    const saved = { at: new Date().toISOString(), ...by };
    const hash = sha256(bytes);
    const before = await this.#storage.get(key);
    const last = readOwn(before?.metadata)?.version ?? (before && (await this.#adopt(name, before)));
    const requirements = facts.requirements ?? [];
    const about = { hash, description: descriptionOf(facts, description), tools: facts.tools, requirements, saved };
    const version = await this.#versions.add(name, bytes, about, last);
    await this.#makeCurrent(name, bytes, { version, hash, facts, given: description, saved });
    this.#emit({ type: 'workflow-save', ...runOf(by), name, version, hash });
    return await this.#required(name);
  }

  /**
   * Returns whether it was there. Its versions stay, so that `rollback` can bring it back; its counts do not.
   * @throws CodeModeError `invalid_name`
   */
  async delete(name: string, by: Pick<SaveRecord, 'runId'> = {}): Promise<boolean> {
    const key = workflowKey(name);
    const before = await this.#storage.get(key);
    if (before === undefined) return false;
    if (!readOwn(before.metadata)) await this.#adopt(name, before);
    const deleted = await this.#storage.delete(key);
    await this.statistics.forget(name);
    if (deleted) this.#emit({ type: 'workflow-delete', ...runOf(by), name });
    return deleted;
  }

  /** Newest first; also of a deleted workflow. @throws CodeModeError `invalid_name`, `workflow_not_found` */
  async history(name: string): Promise<WorkflowVersion[]> {
    const entry = await this.#storage.head(workflowKey(name));
    const versions = await this.#versions.list(name, readOwn(entry?.metadata)?.version);
    if (versions.length === 0 && entry === undefined) throw await this.notFound(name);
    return versions;
  }

  /**
   * Saves an old version again, as a new one.
   * @throws CodeModeError `invalid_name`, `workflow_not_found`, `invalid_arguments` for a version there never was
   */
  async rollback(name: string, version: number, by: Omit<SaveRecord, 'at'>): Promise<Workflow> {
    const old = (await this.history(name)).find((item) => item.version === version);
    const source = await this.#versions.source(name, version);
    return await this.create(name, source, old?.description ?? '', { ...by, restored: version });
  }

  /**
   * @param hash of the text that was looked at; when another is current by now, nothing is decided
   * @throws CodeModeError `invalid_name`, `workflow_not_found`, `storage_conflict`
   */
  async setTrust(name: string, trust: WorkflowTrust, hash?: string): Promise<Workflow> {
    const workflow = await this.#required(name);
    if (hash !== undefined && hash !== workflow.hash) {
      const message = `The workflow '${name}' was changed since (expected ${hash}, found ${workflow.hash}); look at it again.`;
      throw new CodeModeError('storage_conflict', message, {
        details: { name, expected: hash, actual: workflow.hash },
      });
    }
    await this.#trusts.set(name, trust, workflow.hash);
    this.#emit({ type: 'workflow-trust', name, trust, hash: workflow.hash });
    return { ...workflow, trust };
  }

  /** The error for a name that no workflow has; it says the nearest one. */
  async notFound(name: string): Promise<CodeModeError> {
    const names = (await this.#storage.list('workflows')).map(({ key }) => key.slice('workflows/'.length));
    const nearest = nearestName(name, names);
    const advice =
      nearest !== undefined
        ? `Did you mean '${nearest}'?`
        : names.length === 0
          ? 'None is saved yet: write workflows.create("name", source).'
          : 'Find one with workflows.search("what to do").';
    return new CodeModeError('workflow_not_found', `Workflow not found: ${name}. ${advice}`, {
      details: { name, nearest },
    });
  }

  async #required(name: string): Promise<Workflow> {
    const found = await this.get(name);
    if (found === undefined) throw await this.notFound(name);
    const { source: _, ...workflow } = found;
    return workflow;
  }

  async #complete(workflow: CurrentWorkflow): Promise<Workflow> {
    const [trust, stats] = await Promise.all([this.#trusts.get(workflow.name), this.statistics.get(workflow.name)]);
    return toWorkflow(workflow, trust.of(workflow.hash), stats);
  }

  async #factsOf(name: string, source: string) {
    try {
      return await this.#analyser.facts(source);
    } catch (error) {
      if (!CodeModeError.isInstance(error) || error.code !== 'invalid_source') throw error;
      throw new CodeModeError('invalid_source', `The workflow '${name}' was not saved. ${sentence(error.message)}`, {
        cause: error,
      });
    }
  }

  /** A text that came into the store by hand becomes a version before another takes its place. */
  async #adopt(name: string, document: StoredDocument): Promise<number> {
    const { workflow } = await this.#current.get(document);
    const { hash, description, tools, requirements } = workflow;
    const saved = { at: new Date().toISOString() };
    return await this.#versions.add(name, document.value, { hash, description, tools, requirements, saved });
  }

  /** The highest version wins, in whatever order two that save at once come here. */
  async #makeCurrent(name: string, bytes: Uint8Array, own: OwnRecord): Promise<void> {
    const key = workflowKey(name);
    for (;;) {
      const before = await this.#storage.head(key);
      if ((readOwn(before?.metadata)?.version ?? 0) > own.version) return;
      try {
        await this.#storage.set(key, bytes, {
          ifVersion: before?.version ?? 'absent',
          metadata: toMetadata(own),
        });
        return;
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
  }
}

function toWorkflow(
  { facts: _, given: __, documentVersion: ___, ...workflow }: CurrentWorkflow,
  trust: WorkflowTrust,
  stats: Workflow['stats'],
): Workflow {
  return { ...workflow, trust, stats };
}

function runOf({ runId }: Pick<SaveRecord, 'runId'>): { runId?: string } {
  return runId === undefined ? {} : { runId };
}

function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/u.test(start) ? start : `${start}.`;
}
