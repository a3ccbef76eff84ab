import type { Metadata, Storage } from '../../storage/storage.ts';
import { SmallDocuments } from './small-documents.ts';
import type { WorkflowTrust } from './workflow.ts';

/**
 * What the host decided about workflows. Approval is for one text: a new version is a draft again, and a rollback to an
 * approved text is trusted. A block is for the name, whatever its text, and outlives its deletion; otherwise the model
 * could lift it by saving the workflow anew.
 */
export class WorkflowTrusts {
  readonly #documents: SmallDocuments;

  constructor(storage: Storage) {
    this.#documents = new SmallDocuments(storage, 'workflow-trust');
  }

  async get(name: string): Promise<TrustRecord> {
    return new TrustRecord(await this.#documents.get(name));
  }

  async all(): Promise<Map<string, TrustRecord>> {
    return new Map([...(await this.#documents.all())].map(([name, metadata]) => [name, new TrustRecord(metadata)]));
  }

  /** @param hash of the text that is approved, or that is no longer */
  async set(name: string, trust: WorkflowTrust, hash: string): Promise<void> {
    await this.#documents.update(name, (before) => {
      const approved = new TrustRecord(before).approved.filter((item) => item !== hash);
      if (trust === 'trusted') approved.push(hash);
      return { blocked: trust === 'blocked', approved: approved.slice(-keptApprovals), at: new Date().toISOString() };
    });
  }
}

export class TrustRecord {
  readonly approved: string[];
  readonly #blocked: boolean;

  constructor(metadata: Metadata = {}) {
    const { approved } = metadata;
    this.approved = Array.isArray(approved) ? approved.filter((item) => typeof item === 'string') : [];
    this.#blocked = metadata.blocked === true;
  }

  of(hash: string): WorkflowTrust {
    if (this.#blocked) return 'blocked';
    return this.approved.includes(hash) ? 'trusted' : 'draft';
  }
}

const keptApprovals = 100;
