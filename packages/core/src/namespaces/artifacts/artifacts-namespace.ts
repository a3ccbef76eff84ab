import { randomUUID } from 'node:crypto';
import { CodeModeError } from '../../errors.ts';
import type { SessionLimits } from '../../limits.ts';
import type { Metadata } from '../../storage/storage.ts';
import { collect } from '../../storage/values.ts';
import type { ToolAnnotations } from '../../tool-sources/tool.ts';
import { ArgumentReader } from '../argument-reader.ts';
import { CallFailure, withCallFailures } from '../call-failure.ts';
import type { CallAbout, Namespace, NamespaceCall, PreparedCall } from '../namespace.ts';
import type { SessionServices } from '../session-services.ts';
import {
  type ArtifactEntry,
  type ArtifactInfo,
  checkDescription,
  checkMetadata,
  isArtifactType,
} from './artifact-entry.ts';
import { ArtifactLibrary } from './artifact-library.ts';
import { fromJsonText } from './json-form.ts';
import { Uploads } from './uploads.ts';

/** Bytes of one answer; the kernel asks for the rest. */
const CHUNK_BYTES = 1_048_576;

const FUNCTIONS = new Map<string, ToolAnnotations>([
  ['load', { readOnly: true }],
  ['read', { readOnly: true }],
  ['get', { readOnly: true }],
  ['list', { readOnly: true }],
  ['exists', { readOnly: true }],
  // It replaces what has the name.
  ['save', { destructive: true, openWorld: false }],
  ['delete', { destructive: true, openWorld: false }],
]);

/** A load in progress: the kernel asks for the rest of what a recorded call opened. */
interface Download {
  runId: string;
  name: string;
  version: string;
  end: number;
}

/** The `artifacts` namespace. Content crosses in frame attachments, a chunk at a time, never inside JSON. */
export class ArtifactsNamespace implements Namespace {
  readonly name = 'artifacts';
  readonly parts: ReadonlySet<string> = new Set(['begin', 'write', 'cancel', 'more']);
  readonly #library: ArtifactLibrary;
  readonly #uploads: Uploads;
  readonly #downloads = new Map<string, Download>();
  readonly #limits: Pick<SessionLimits, 'artifactBytes' | 'artifactSaves'>;
  #savedBytes = 0;
  #saves = 0;

  constructor(services: SessionServices) {
    this.#library = new ArtifactLibrary(services);
    this.#uploads = new Uploads(this.#library);
    this.#limits = services.limits;
  }

  spell({ function: operation }: { function: string }): string {
    return `artifacts.${operation === 'commit' ? 'save' : operation}`;
  }

  about({ function: operation }: { function: string }): CallAbout {
    const name = operation === 'commit' ? 'save' : operation;
    return { name: `artifacts.${name}`, annotations: FUNCTIONS.get(name) ?? {} };
  }

  prepare(call: NamespaceCall): Promise<PreparedCall> {
    return withCallFailures(() => this.#prepare(call));
  }

  release(runId: string): void {
    this.#uploads.release(runId);
    for (const [ticket, download] of this.#downloads) if (download.runId === runId) this.#downloads.delete(ticket);
  }

  #prepare(call: NamespaceCall): PreparedCall {
    const about = this.about(call);
    const perform = () => this.#perform(call);
    if (this.parts.has(call.function)) return { perform };
    if (!FUNCTIONS.has(about.name.slice('artifacts.'.length))) throw unknown(call);
    const args = call.function === 'commit' || call.function === 'save' ? this.#saved(call) : call.arguments;
    // The content is part of it.
    const binding = call.arguments;
    return { subject: { ...about, kind: 'call', arguments: args, editable: false, binding }, perform };
  }

  /** What a save is about: the upload knows its name, whatever the frame says. */
  #saved(call: NamespaceCall): Record<string, unknown> {
    const { type, description, metadata } = info(call);
    const isUpload = call.function === 'commit';
    const { name, size } = isUpload
      ? this.#uploads.seal(call.runId, read.text(call, 'upload'))
      : { name: read.text(call, 'name'), size: bytes(call, 'data').byteLength };
    return { name, type, size, description, metadata };
  }

  async #perform(call: NamespaceCall): Promise<unknown> {
    const { runId } = call;
    switch (call.function) {
      case 'save': {
        const data = bytes(call, 'data');
        this.#count(1, data.byteLength);
        return toWire(await this.#library.save(read.text(call, 'name'), data, info(call)));
      }
      case 'begin':
        this.#count(1, 0);
        return this.#uploads.begin(runId, read.text(call, 'name'));
      case 'write': {
        const data = bytes(call, 'data');
        this.#count(0, data.byteLength);
        return await this.#uploads.write(runId, read.text(call, 'upload'), data);
      }
      case 'commit':
        return toWire(await this.#uploads.commit(runId, read.text(call, 'upload'), info(call)));
      case 'cancel':
        return this.#uploads.cancel(runId, read.text(call, 'upload'));
      case 'load':
      case 'read':
        return await this.#open(call);
      case 'more':
        return await this.#more(call);
      case 'get': {
        const entry = await this.#library.get(read.text(call, 'name'));
        return entry && toWire(entry);
      }
      case 'list':
        return (await this.#library.list(read.text(call, 'prefix'))).map(toWire);
      case 'exists':
        return (await this.#library.get(read.text(call, 'name'))) !== undefined;
      case 'delete':
        return await this.#library.delete(read.text(call, 'name'), runId);
      default:
        throw unknown(call);
    }
  }

  /** The first chunk, and how to get the others. `start` and `end` count as in a Python slice. */
  async #open(call: NamespaceCall): Promise<unknown> {
    const name = read.text(call, 'name');
    await using head = await this.#library.open(name, { start: 0, end: 0 });
    const { entry, version } = head;
    const start = position(call, 'start', entry.size) ?? 0;
    const end = Math.max(start, position(call, 'end', entry.size) ?? entry.size);
    // A character may go on behind the end.
    const last = call.function === 'read' ? Math.min(end + 3, entry.size) : end;
    const download: Download = { runId: call.runId, name, version, end: last };
    const answer = { entry: toWire(entry), start, end, last, data: await this.#chunk(download, start) };
    if (last - start <= CHUNK_BYTES) return answer;
    const ticket = randomUUID();
    this.#downloads.set(ticket, download);
    return { ...answer, ticket };
  }

  async #more(call: NamespaceCall): Promise<Uint8Array> {
    const ticket = read.text(call, 'ticket');
    const download = this.#downloads.get(ticket);
    if (download?.runId !== call.runId)
      throw new CallFailure('namespace', 'This load is not open any more. Call artifacts.load again.');
    const start = position(call, 'start', download.end) ?? 0;
    if (start + CHUNK_BYTES >= download.end) this.#downloads.delete(ticket);
    return await this.#chunk(download, start);
  }

  async #chunk({ name, version, end }: Download, start: number): Promise<Uint8Array> {
    if (start >= end) return new Uint8Array();
    await using piece = await this.#library.open(name, { start, end: Math.min(start + CHUNK_BYTES, end) });
    if (piece.version !== version) {
      throw new CodeModeError(
        'storage_conflict',
        `The artifact ${JSON.stringify(name)} was saved anew while it was read; load it again.`,
      );
    }
    return await collect(piece.body);
  }

  #count(saves: number, byteLength: number): void {
    const { artifactSaves, artifactBytes } = this.#limits;
    if (this.#saves + saves > artifactSaves) {
      throw new CallFailure(
        'limit',
        `This session has saved ${artifactSaves} artifacts, which is its limit (limits.artifactSaves); put more into each.`,
      );
    }
    if (this.#savedBytes + byteLength > artifactBytes) {
      throw new CallFailure(
        'limit',
        `This session may save ${artifactBytes} bytes of artifacts (limits.artifactBytes), and this save would go beyond.`,
      );
    }
    this.#saves += saves;
    this.#savedBytes += byteLength;
  }
}

/** As the kernel's `Artifact` takes it. */
function toWire(entry: ArtifactEntry): Metadata {
  const { createdAt, sha256, mimeType, runId, sessionId: _, metadata, ...same } = entry;
  // As JSON text: a key of the metadata may begin with `$`.
  return {
    ...same,
    metadata: JSON.stringify(metadata),
    created_at: createdAt,
    hash: sha256 ?? null,
    mime: mimeType,
    run: runId ?? null,
  };
}

function info(call: NamespaceCall): ArtifactInfo {
  const { type } = call.arguments;
  if (!isArtifactType(type))
    throw new CallFailure('arguments', `artifacts.save: there is no type ${JSON.stringify(type)}.`);
  const metadata = checkMetadata(fromJsonText(read.text(call, 'metadata', MAX_METADATA_CHARS)));
  return { type, description: checkDescription(call.arguments.description), metadata, runId: call.runId };
}

function unknown(call: NamespaceCall): CallFailure {
  return new CallFailure('namespace', `artifacts has no function '${call.function}'.`);
}

/** Far more than metadata may be, which says itself what it may be. */
const MAX_METADATA_CHARS = 1_000_000;

const read = new ArgumentReader('artifacts');

function bytes(call: NamespaceCall, name: string): Uint8Array {
  const value = call.arguments[name];
  if (value instanceof Uint8Array) return value;
  throw read.wrong(call, name, 'bytes');
}

/** A place in something of this size, negative counted from its end. */
function position(call: NamespaceCall, name: string, size: number): number | undefined {
  const value = call.arguments[name];
  if (value === undefined || value === null) return undefined;
  if (!Number.isSafeInteger(value)) throw read.wrong(call, name, 'an int');
  const place = value as number;
  return Math.min(Math.max(place < 0 ? size + place : place, 0), size);
}
