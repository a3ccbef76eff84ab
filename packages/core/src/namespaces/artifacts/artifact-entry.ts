import { CodeModeError } from '../../errors.ts';
import type { JsonValue } from '../../run-result.ts';
import { isRecord, pythonDate } from '../../storage/py-layout.ts';
import type { Metadata, StoredContent, StoredEntry } from '../../storage/storage.ts';
import { toJsonText } from './json-form.ts';
import { guessedMimeType, mimeTypeOf } from './mime-type.ts';

/** How the bytes are to be read; `docs/guides/artifacts.md` describes each form. */
export type ArtifactType = 'text' | 'bytes' | 'json' | 'dataframe' | 'ndarray' | 'image' | 'figure' | 'tool-image';

/** What is known of an artifact without its content. */
export interface ArtifactEntry {
  name: string;
  type: ArtifactType;
  description: string;
  metadata: Metadata;
  /** ISO 8601. */
  createdAt: string;
  /** Of the stored form, in bytes. */
  size: number;
  /** Of the stored form, in hexadecimal. Absent when another program wrote it. */
  sha256?: string;
  mimeType: string;
  /** The run that saved it; absent when host code or another program did. */
  runId?: string;
  /** The session that saved it; absent when another program did. */
  sessionId?: string;
  /** Why it cannot be loaded. Only in lists. */
  problem?: string;
}

/** What a save says about an artifact. */
export interface ArtifactInfo {
  type: ArtifactType;
  description?: string | undefined;
  metadata?: Metadata | undefined;
  runId?: string | undefined;
}

const ARTIFACT_TYPES = new Set<ArtifactType>([
  'text',
  'bytes',
  'json',
  'dataframe',
  'ndarray',
  'image',
  'figure',
  'tool-image',
]);

/** py-code-mode keeps its own type in the metadata, under this key. */
const PY_TYPE_KEY = '_data_type';

/** @throws CodeModeError `invalid_arguments` for metadata that would not come back the same */
export function checkMetadata(value: unknown): Metadata {
  const refuse = (problem: string): never => {
    throw new CodeModeError('invalid_arguments', `metadata ${problem}.`);
  };
  if (!isRecord(value)) return refuse('must be an object with text keys');
  if (PY_TYPE_KEY in value) return refuse(`may not have the key "${PY_TYPE_KEY}", which is the store's own; rename it`);
  const size = Buffer.byteLength(toJsonText(value, 'metadata', { bigint: false }));
  if (size > MAX_METADATA_BYTES)
    return refuse(`has ${size} bytes as JSON, and may have ${MAX_METADATA_BYTES}; put the data into the artifact`);
  return value;
}

/** @throws CodeModeError `invalid_arguments` */
export function checkDescription(value: unknown): string {
  if (typeof value !== 'string')
    throw new CodeModeError('invalid_arguments', `description must be a string, not ${typeof value}.`);
  toJsonText(value, 'description');
  if (value.length <= MAX_DESCRIPTION) return value;
  throw new CodeModeError(
    'invalid_arguments',
    `description has ${value.length} characters, and may have ${MAX_DESCRIPTION}; put the text into the artifact.`,
  );
}

/** The metadata that storage keeps: py-code-mode's fields as it writes them, and ours beside them. */
export function storedMetadata(
  info: ArtifactInfo,
  name: string,
  content: StoredContent & { head: Uint8Array; sessionId: string },
): Metadata {
  return {
    description: info.description ?? '',
    created_at: pythonDate(new Date()),
    metadata: { ...info.metadata, [PY_TYPE_KEY]: PY_TYPES[info.type] ?? 'bytes' },
    type: info.type,
    sha256: content.sha256,
    mimeType: mimeTypeOf(info.type, name, content.head),
    sessionId: content.sessionId,
    ...(info.runId !== undefined && { runId: info.runId }),
  };
}

export function toArtifactEntry({ key, size, metadata = {}, problem }: StoredEntry): ArtifactEntry {
  const name = key.slice(key.indexOf('/') + 1);
  const { [PY_TYPE_KEY]: pyType, ...own } = isRecord(metadata.metadata) ? metadata.metadata : {};
  const type = isArtifactType(metadata.type) ? metadata.type : guessType(name, pyType);
  return {
    name,
    type,
    description: text(metadata.description) ?? '',
    metadata: own,
    createdAt: isoDate(metadata.created_at),
    size,
    mimeType: text(metadata.mimeType) ?? guessedMimeType(type, name),
    ...optional('sha256', metadata.sha256),
    ...optional('runId', metadata.runId),
    ...optional('sessionId', metadata.sessionId),
    ...(problem !== undefined && { problem }),
  };
}

export function isArtifactType(value: unknown): value is ArtifactType {
  return ARTIFACT_TYPES.has(value as ArtifactType);
}

const MAX_METADATA_BYTES = 65_536;
const MAX_DESCRIPTION = 10_000;
const PY_TYPES: Partial<Record<ArtifactType, string>> = { text: 'text', json: 'json', dataframe: 'json' };
const TEXT_ENDINGS = /\.(?:txt|md|csv|tsv|log|py|js|ts|sql|xml|html?|svg|ya?ml|toml|ini|tex|rst|jsonl)$/i;

/** For what another program wrote: py-code-mode's type, else the ending of the name. */
function guessType(name: string, pyType: JsonValue | undefined): ArtifactType {
  if (pyType === 'text' || pyType === 'json' || pyType === 'bytes') return pyType;
  if (/\.json$/i.test(name)) return 'json';
  if (/\.npy$/i.test(name)) return 'ndarray';
  if (/\.(?:png|tiff?)$/i.test(name)) return 'image';
  return TEXT_ENDINGS.test(name) ? 'text' : 'bytes';
}

/** Python leaves the time zone out of a date without one, and JavaScript would take that for local time. */
function isoDate(value: JsonValue | undefined): string {
  const given = text(value) ?? '';
  const date = new Date(/(?:Z|[+-]\d\d:?\d\d)$/.test(given) ? given : `${given}Z`);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function optional<Name extends string>(name: Name, value: JsonValue | undefined): { [key in Name]?: string } {
  return (typeof value === 'string' ? { [name]: value } : {}) as { [key in Name]?: string };
}
