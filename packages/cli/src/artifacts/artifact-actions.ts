import { createWriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type ArtifactEntry, CodeModeError, type Session } from '@code-mode/core';
import { Failure, fileProblem, usageError } from '../failure.ts';
import { withSession } from '../session/open-session.ts';
import type { SessionFlags } from '../session/session-flags.ts';
import { columns } from '../terminal/columns.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface ArtifactFlags extends SessionFlags {
  json?: boolean;
  output?: string;
  description?: string;
}

/** `code-mode artifacts list`. */
export async function listArtifacts(
  prefix: string | undefined,
  flags: ArtifactFlags,
  terminal: Terminal,
): Promise<void> {
  await withStore(flags, terminal, async ({ artifacts }) => {
    const entries = await artifacts.list(prefix);
    if (flags.json) return terminal.printJson(entries);
    if (entries.length === 0) return terminal.say('No artifact is saved here.');
    terminal.print(
      columns(entries.map(({ name, type, size, description }) => [name, type, `${size} bytes`, description])),
    );
  });
}

/** `code-mode artifacts show`: what is known of it. */
export async function showArtifact(name: string, flags: ArtifactFlags, terminal: Terminal): Promise<void> {
  await withStore(flags, terminal, async (session) => {
    const entry = await required(session, name);
    if (flags.json) return terminal.printJson(entry);
    const rows = Object.entries(entry).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    terminal.print(columns(rows));
  });
}

/** `code-mode artifacts get`: its bytes, as they are stored. */
export async function getArtifact(name: string, flags: ArtifactFlags, terminal: Terminal): Promise<void> {
  await withStore(flags, terminal, async ({ artifacts }) => {
    await using artifact = await artifacts.open(name).catch(explainMissing(name));
    const { output = '-' } = flags;
    const isText = ['text', 'json', 'dataframe'].includes(artifact.entry.type);
    if (output === '-' && terminal.stdout.isTTY && !isText)
      throw usageError(`${name} is no text (${artifact.entry.mimeType}); write it to a file with --output FILE.`);
    if (output === '-' && terminal.stdout.isTTY) return terminal.print(await text(Readable.from(artifact.body)));
    if (output === '-') return await pipeline(Readable.from(artifact.body), terminal.stdout, { end: false });
    await pipeline(Readable.from(artifact.body), createWriteStream(output)).catch(explain(output));
    terminal.say(`Wrote ${artifact.entry.size} bytes to ${output}.`);
  });
}

/** `code-mode artifacts put`: text is read as text, so that Python gets a string. */
export async function putArtifact(name: string, file: string, flags: ArtifactFlags, terminal: Terminal): Promise<void> {
  await withStore(flags, terminal, async ({ artifacts }) => {
    const content = file === '-' ? terminal.stdin : await contentOf(file).catch(explain(file));
    using progress = terminal.progress(`Saving ${name} …`);
    const about = flags.description === undefined ? {} : { description: flags.description };
    const data = TEXT.test(name) ? await textOf(content, file) : content;
    const { type, size } = await artifacts.save(name, data, about);
    progress.end();
    terminal.print(`${name} is saved: ${type}, ${size} bytes.`);
  });
}

/** `code-mode artifacts delete`. */
export async function deleteArtifact(name: string, flags: ArtifactFlags, terminal: Terminal): Promise<void> {
  await withStore(flags, terminal, async (session) => {
    await required(session, name);
    if (!(await terminal.confirm(`Delete the artifact ${name}?`, flags.yes ?? false)))
      return terminal.say('Nothing was changed.');
    await session.artifacts.delete(name);
    terminal.print(`${name} is deleted.`);
  });
}

const TEXT = /\.(?:txt|md|csv|tsv|log|py|js|ts|sql|xml|html?|svg|ya?ml|toml|ini|json|jsonl)$/iu;

async function textOf(content: AsyncIterable<Uint8Array>, file: string): Promise<string | Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of content) chunks.push(chunk);
  } catch (error) {
    return explain(file)(error);
  }
  const bytes = Buffer.concat(chunks);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
}

async function contentOf(file: string): Promise<Readable> {
  if ((await stat(file)).isDirectory()) throw usageError(`${file} is a folder: give a file.`);
  return (await open(file)).createReadStream();
}

function withStore<T>(flags: ArtifactFlags, terminal: Terminal, use: (session: Session) => Promise<T>): Promise<T> {
  return withSession(flags, { terminal, needsStore: true }, use);
}

async function required({ artifacts }: Session, name: string): Promise<ArtifactEntry> {
  const entry = await artifacts.get(name);
  if (entry !== undefined) return entry;
  const opened = await artifacts.open(name).catch(explainMissing(name));
  await opened[Symbol.asyncDispose]();
  return opened.entry;
}

/** The store's own error has the nearest name; where none is near it knows what Python can do, not what a shell can. */
function explainMissing(name: string) {
  return (error: unknown): never => {
    const isFar =
      CodeModeError.isInstance(error) && error.code === 'artifact_not_found' && !error.message.endsWith('?');
    if (!isFar) throw error;
    throw new Failure(`There is no artifact ${JSON.stringify(name)} here. See code-mode artifacts list.`);
  };
}

function explain(file: string) {
  return (error: unknown): never => {
    if (CodeModeError.isInstance(error) || (error as NodeJS.ErrnoException).code === undefined) throw error;
    throw usageError(fileProblem(file, error as NodeJS.ErrnoException));
  };
}
