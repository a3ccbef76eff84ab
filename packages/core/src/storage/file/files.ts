import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { CodeModeError } from '../../errors.ts';
import { privatePrefix } from '../keys.ts';
import { errno, type Folder, ignore, notAFile, type Tree } from './tree.ts';

/** A regular file that is open for reading. */
export interface OpenFile {
  descriptor: number;
  stat: fs.BigIntStats;
}

/** `undefined` when there is no file of that name, or a folder. Links, FIFOs and devices are refused. */
export function openFile(folder: Folder, name: string): OpenFile | undefined {
  const path = folder.path(name);
  const found = fs.lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isDirectory()) return undefined;
  if (!found.isFile()) throw notAFile(folder.labelOf(name), found.isSymbolicLink());
  let descriptor: number | undefined;
  try {
    // O_NONBLOCK: a FIFO that took the file's place in this moment must not block us.
    descriptor = ignore(() => fs.openSync(path, fs.constants.O_RDONLY | noFollow | nonBlock), 'ENOENT');
    if (descriptor === undefined) return undefined;
    const stat = fs.fstatSync(descriptor, { bigint: true });
    if (!stat.isFile()) throw notAFile(folder.labelOf(name), false);
    return { descriptor, stat };
  } catch (error) {
    if (descriptor !== undefined) fs.closeSync(descriptor);
    throw errno(error) === 'ELOOP' ? notAFile(folder.labelOf(name), true) : error;
  }
}

export function kindOf(folder: Folder, name: string): 'folder' | 'other' | undefined {
  const found = fs.lstatSync(folder.path(name), { throwIfNoEntry: false });
  return found && (found.isDirectory() ? 'folder' : 'other');
}

/** Exactly these bytes, however the file grows meanwhile. */
export async function* readChunks(file: OpenFile, start: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; ) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(262_144, end - at));
    const { bytesRead } = await read(file.descriptor, buffer, 0, buffer.byteLength, at);
    if (bytesRead === 0) {
      throw new CodeModeError('storage_conflict', 'A file was shortened while it was read; read it again.');
    }
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** A whole small file, or as much of it as is there. */
export async function readSmallFile(folder: Folder, name: string): Promise<Buffer | undefined> {
  const file = openFile(folder, name);
  if (file === undefined) return undefined;
  try {
    const buffer = Buffer.alloc(Number(file.stat.size));
    const readOnce = buffer.byteLength > 65_536 ? read : readNow;
    let done = 0;
    for (let count = -1; count !== 0 && done < buffer.byteLength; done += count) {
      count = (await readOnce(file.descriptor, buffer, done, buffer.byteLength - done, done)).bytesRead;
    }
    return buffer.subarray(0, done);
  } finally {
    fs.closeSync(file.descriptor);
  }
}

export interface TempFile {
  name: string;
  stat: fs.BigIntStats;
}

export async function syncFile(folder: Folder, name: string): Promise<void> {
  const descriptor = fs.openSync(folder.path(name), fs.constants.O_RDWR | noFollow);
  try {
    await promisify(fs.fsync)(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** A new file beside its future place, made in a folder that is created if needed. */
export function createTemp(tree: Tree, folders: readonly string[], id: string): { folder: Folder; temp: NewFile } {
  for (let attempt = 0; ; attempt++) {
    const folder = tree.createFolder(folders);
    try {
      return { folder, temp: newFile(folder, id) };
    } catch (error) {
      folder[Symbol.dispose]();
      // An empty folder may be removed before the file is in it.
      if (errno(error) !== 'ENOENT' || attempt === 10) throw error;
    }
  }
}

/** Writes and closes it, with `sync` also to the disk. Leaves nothing behind when it fails. */
export async function fillTemp(
  folder: Folder,
  { name, descriptor }: NewFile,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  sync: boolean,
): Promise<TempFile> {
  try {
    for await (const chunk of chunks) await writeAll(descriptor, chunk);
    if (sync) await promisify(fs.fsync)(descriptor);
    return { name, stat: fs.fstatSync(descriptor, { bigint: true }) };
  } catch (error) {
    ignore(() => fs.unlinkSync(folder.path(name)), 'ENOENT');
    throw error;
  } finally {
    fs.closeSync(descriptor);
  }
}

export async function writeTemp(folder: Folder, id: string, data: string, sync: boolean): Promise<TempFile> {
  return await fillTemp(folder, newFile(folder, id), [Buffer.from(data)], sync);
}

export async function replaceFile(
  folder: Folder,
  name: string,
  text: string,
  options: { id: string; sync: boolean },
): Promise<void> {
  const temp = await writeTemp(folder, options.id, text, options.sync);
  try {
    fs.renameSync(folder.path(temp.name), folder.path(name));
  } catch (error) {
    ignore(() => fs.unlinkSync(folder.path(temp.name)), 'ENOENT');
    throw error;
  }
  if (options.sync) await folder.sync();
}

/** From `at` on, or from where the descriptor stands. */
export async function writeAll(descriptor: number, data: Uint8Array, at?: number): Promise<void> {
  for (let done = 0; done < data.byteLength; ) {
    const position = at === undefined ? null : at + done;
    done += (await write(descriptor, data, done, data.byteLength - done, position)).bytesWritten;
  }
}

interface NewFile {
  name: string;
  descriptor: number;
}

function newFile(folder: Folder, id: string): NewFile {
  const name = `${privatePrefix}-${id}-${randomBytes(8).toString('hex')}.tmp`;
  const flags = fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL;
  return { name, descriptor: fs.openSync(folder.path(name), flags, 0o666) };
}

const noFollow = fs.constants.O_NOFOLLOW ?? 0;
const nonBlock = fs.constants.O_NONBLOCK ?? 0;
const read = promisify(fs.read);
const write = promisify(fs.write);

async function readNow(descriptor: number, buffer: Buffer, offset: number, length: number, position: number) {
  return { bytesRead: fs.readSync(descriptor, buffer, offset, length, position) };
}
