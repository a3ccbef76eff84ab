import { CodeModeError } from '../../errors.ts';
import type { StorageKey } from '../../storage/keys.ts';
import type { Metadata, Storage, StoredEntry } from '../../storage/storage.ts';
import { isConflict } from './small-documents.ts';
import type { SaveRecord, WorkflowVersion } from './workflow.ts';

/** Every text that was ever saved under a name, numbered from 1. A number is given once and its text never changes. */
export class WorkflowVersions {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Keeps a text under the next free number. @param last the highest number that is known; found out when absent */
  async add(name: string, source: Uint8Array, about: NewVersion, last?: number): Promise<number> {
    const { saved, ...rest } = about;
    const metadata = { ...rest, saved: { ...saved } } satisfies Metadata;
    for (let version = (last ?? (await this.#last(name))) + 1; ; version++) {
      try {
        await this.#storage.set(versionKey(name, version), source, { ifVersion: 'absent', metadata });
        return version;
      } catch (error) {
        // Somebody else has just taken the number.
        if (!isConflict(error)) throw error;
      }
    }
  }

  /** Newest first. */
  async list(name: string, current: number | undefined): Promise<WorkflowVersion[]> {
    return (await this.#entries(name)).map((entry) => toVersion(entry, current)).reverse();
  }

  /** @throws CodeModeError `invalid_arguments` for a number that was not given */
  async source(name: string, version: number): Promise<string> {
    const found =
      Number.isSafeInteger(version) && version > 0 ? await this.#storage.get(versionKey(name, version)) : undefined;
    if (found !== undefined) return Buffer.from(found.value).toString('utf8');
    const numbers = (await this.#entries(name)).map(numberOf);
    const known =
      numbers.length === 0 ? 'It has no saved versions' : `It has versions ${numbers[0]} to ${numbers.at(-1)}`;
    throw new CodeModeError('invalid_arguments', `The workflow '${name}' has no version ${version}. ${known}.`, {
      details: { name, version },
    });
  }

  async #last(name: string): Promise<number> {
    return (await this.#entries(name)).map(numberOf).at(-1) ?? 0;
  }

  async #entries(name: string): Promise<StoredEntry[]> {
    return await this.#storage.list(`workflow-versions/${name}/`);
  }
}

/** What is kept beside a text. */
export interface NewVersion {
  hash: string;
  description: string;
  tools: string[];
  requirements: string[];
  saved: SaveRecord;
}

function toVersion(entry: StoredEntry, current: number | undefined): WorkflowVersion {
  const { hash = '', description = '', tools = [], requirements = [], saved = {} } = entry.metadata ?? {};
  const version = numberOf(entry);
  return {
    version,
    ...({ hash, description, tools, requirements, saved } as unknown as NewVersion),
    current: version === current,
  };
}

/** Zeros in front, so that names sort as numbers do. */
function versionKey(name: string, version: number): StorageKey {
  return `workflow-versions/${name}/${String(version).padStart(8, '0')}`;
}

function numberOf({ key }: StoredEntry): number {
  return Number(key.slice(key.lastIndexOf('/') + 1));
}
