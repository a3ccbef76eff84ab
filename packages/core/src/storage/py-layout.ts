import { CodeModeError } from '../errors.ts';
import type { JsonValue } from '../run-result.ts';
import type { ParsedKey } from './keys.ts';
import type { Metadata, SetOptions, StoredContent } from './storage.ts';

/** The metadata of a value that has just been read to its end. */
export function writtenMetadata(
  key: ParsedKey,
  metadata: SetOptions['metadata'],
  content: StoredContent,
): Metadata | undefined {
  return withDefaults(key, typeof metadata === 'function' ? metadata(content) : metadata);
}

/**
 * What py-code-mode keeps beside the bytes, and what all drivers therefore give back:
 * an artifact has `description`, `created_at` and `metadata`; a workflow has `description` and `parameters`;
 * `deps` has nothing. Further keys of the metadata are ours, and py-code-mode passes over them.
 */
export function withDefaults(
  key: ParsedKey,
  metadata: Metadata | undefined,
  createdAt = new Date(),
): Metadata | undefined {
  const own = metadata === undefined ? undefined : copyJson(metadata);
  switch (key.collection) {
    case 'artifacts':
      return { description: '', created_at: pythonDate(createdAt), metadata: {}, ...own };
    case 'workflows':
      return { description: '', parameters: [], ...own };
    case 'deps':
      if (own === undefined) return undefined;
      throw new CodeModeError(
        'invalid_arguments',
        `The document ${key.key} holds no metadata; keep it in a collection of its own.`,
      );
    default:
      return own;
  }
}

/** An entry of `.artifacts.json`, or of the `__index__` hash in Redis. */
export interface ArtifactEntry {
  description: JsonValue;
  created_at: JsonValue;
  metadata: JsonValue;
}

export function toArtifactEntry(metadata: Metadata): ArtifactEntry {
  return {
    description: metadata.description ?? '',
    created_at: metadata.created_at ?? pythonDate(new Date()),
    metadata: metadata.metadata ?? {},
  };
}

export function isRecord(value: unknown): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As `datetime.isoformat()` in UTC writes it. */
export function pythonDate(date: Date): string {
  return date.toISOString().replace('Z', '000+00:00');
}

function copyJson(metadata: Metadata): Metadata {
  return JSON.parse(JSON.stringify(metadata)) as Metadata;
}
