import { createHash } from 'node:crypto';
import { CodeModeError } from '../../errors.ts';
import type { ParsedKey } from '../keys.ts';
import { isRecord, toArtifactEntry } from '../py-layout.ts';
import type { Metadata } from '../storage.ts';

/** The keys of one workspace. py-code-mode's own, and what is ours under `:cm:`. */
export class RedisKeys {
  readonly root: string;

  constructor(prefix: string, workspaceId: string | undefined, isCluster: boolean) {
    // One hash tag keeps a store in one slot, which scripts over several keys need. A prefix may bring its own.
    const tagged = isCluster && !/\{.+\}/.test(prefix) ? `{${prefix}}` : prefix;
    this.root = workspaceId === undefined ? tagged : `${tagged}:ws:${workspaceId}`;
  }

  readonly workflows = (): string => `${this.root}:workflows:__workflows__`;
  readonly deps = (): string => `${this.root}:deps`;
  readonly log = (name: string): string => `${this.root}:cm:log:${name}`;
  readonly upload = (id: string): string => `${this.root}:cm:upload:${id}`;

  data({ collection, name }: ParsedKey): string {
    return collection === 'artifacts' ? `${this.root}:artifacts:${name}` : `${this.root}:cm:doc:${collection}:${name}`;
  }

  index(collection: string): string {
    return collection === 'artifacts' ? `${this.root}:artifacts:__index__` : `${this.root}:cm:doc:${collection}`;
  }
}

/** The index entry of an artifact or of a document of ours. Further keys are ours; py-code-mode passes over them. */
export function encodeEntry(collection: string, metadata: Metadata | undefined, size: number, sha256: string): string {
  if (collection !== 'artifacts') return JSON.stringify({ size, sha256, ...(metadata && { metadata }) });
  const { description, created_at, metadata: inner, ...further } = metadata ?? {};
  const entry = toArtifactEntry({ ...(metadata ?? {}) });
  return JSON.stringify({ ...entry, code_mode: { size, sha256, further } });
}

export function decodeEntry(collection: string, where: string, raw: Buffer): Metadata | undefined {
  const value = parseRecord(where, raw);
  if (collection !== 'artifacts') return isRecord(value.metadata) ? value.metadata : undefined;
  const { code_mode, ...entry } = value;
  const further = isRecord(code_mode) && isRecord(code_mode.further) ? code_mode.further : {};
  return { ...toArtifactEntry(entry), ...further };
}

/** A workflow as py-code-mode keeps it: JSON with the source in it, which therefore has to be text. */
export function encodeWorkflow({ key, name }: ParsedKey, source: Uint8Array, metadata: Metadata | undefined): string {
  const { description = '', parameters = [], ...further } = metadata ?? {};
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(source);
    return JSON.stringify({ name, description, source: text, parameters, code_mode: further });
  } catch (cause) {
    throw new CodeModeError(
      'invalid_arguments',
      `The source of ${key} is not UTF-8, which Redis storage needs; convert it.`,
      { cause },
    );
  }
}

export function decodeWorkflow(where: string, raw: Buffer): { source: Buffer; metadata: Metadata } {
  const { source, description = '', parameters = [], code_mode } = parseRecord(where, raw);
  if (typeof source !== 'string') throw corruptField(where, 'has no source');
  const further = isRecord(code_mode) ? code_mode : {};
  return { source: Buffer.from(source), metadata: { description, parameters, ...further } };
}

function parseRecord(where: string, raw: Buffer): Metadata {
  let value: unknown;
  try {
    value = JSON.parse(raw.toString('utf8'));
  } catch (cause) {
    throw corruptField(where, 'is not valid JSON', cause);
  }
  if (isRecord(value)) return value;
  throw corruptField(where, 'is not an object');
}

export function corruptField(where: string, problem: string, cause?: unknown): CodeModeError {
  return new CodeModeError('storage_corrupt', `${where} in Redis ${problem}; remove it or restore it from a copy.`, {
    details: { where, problem },
    cause,
  });
}

export function sha1(data: string | Buffer): string {
  return createHash('sha1').update(data).digest('hex');
}
