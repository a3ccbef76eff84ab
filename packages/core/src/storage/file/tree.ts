import {
  closeSync,
  constants,
  existsSync,
  fsync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CodeModeError } from '../../errors.ts';
import { invalidName, privatePrefix } from '../keys.ts';

/**
 * The folders below one folder, reached part by part. No symbolic link below it is followed, so nothing that another program
 * puts there can lead out of it.
 *
 * Node has no `openat`. On Linux `/proc/self/fd/N/name` is one: the folder that was checked is the folder that is used.
 * Elsewhere each part is checked before it is used, which leaves a moment in between.
 *
 * Looking up, opening and renaming are synchronous here: each takes a few microseconds, and a trip through Node's thread pool
 * takes ten times that. Reading and writing contents and `fsync` are not.
 */
export class Tree {
  readonly #base: string;
  readonly #segments: readonly string[];
  #foldsCase: boolean | undefined;

  constructor(base: string, segments: readonly string[]) {
    this.#base = base;
    this.#segments = segments;
  }

  createFolder(segments: readonly string[]): Folder {
    mkdirSync(this.#base, { recursive: true });
    const folder = this.#walk(segments, true);
    if (folder === undefined) throw corrupt(segments.join('/'), 'was removed while it was used');
    return folder;
  }

  /** `undefined` when it is not there. */
  folder(segments: readonly string[]): Folder | undefined {
    return this.#walk(segments, false);
  }

  /** Asked once: whether this file system takes `A` and `a` for one name. */
  foldsCase(): boolean {
    if (this.#foldsCase !== undefined) return this.#foldsCase;
    using folder = this.folder([]);
    const inode = (name: string) =>
      folder && lstatSync(folder.path(name), { bigint: true, throwIfNoEntry: false })?.ino;
    const lower = inode(privatePrefix);
    if (lower === undefined) return false;
    this.#foldsCase = lower === inode(privatePrefix.toUpperCase());
    return this.#foldsCase;
  }

  #walk(segments: readonly string[], create: boolean): Folder | undefined {
    let folder = openBase(this.#base);
    for (const segment of [...this.#segments, ...segments]) {
      if (folder === undefined) return undefined;
      using parent: Folder = folder;
      folder = openChild(parent, segment, create);
    }
    return folder;
  }
}

export class Folder implements Disposable {
  /** For messages. */
  readonly label: string;
  readonly realPath: string;
  readonly #descriptor: number | undefined;

  constructor(label: string, realPath: string, descriptor: number | undefined) {
    this.label = label;
    this.realPath = realPath;
    this.#descriptor = descriptor;
  }

  path(name = ''): string {
    const isDirect = hasDescriptorPaths && this.#descriptor !== undefined;
    return isDirect ? `/proc/self/fd/${this.#descriptor}/${name}` : join(this.realPath, name);
  }

  labelOf(name: string): string {
    return this.label === '' ? name : `${this.label}/${name}`;
  }

  /** Makes what happened to the names in this folder survive a power cut. */
  async sync(): Promise<void> {
    if (this.#descriptor !== undefined) await promisify(fsync)(this.#descriptor);
  }

  syncNow(): void {
    if (this.#descriptor !== undefined) fsyncSync(this.#descriptor);
  }

  [Symbol.dispose](): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }
}

/** Like the call, but `undefined` where it fails with one of these codes. */
export function ignore<T>(call: () => T, ...codes: string[]): T | undefined {
  try {
    return call();
  } catch (error) {
    if (codes.includes(errno(error) ?? '')) return undefined;
    throw error;
  }
}

export function errno(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

export function corrupt(file: string, problem: string, cause?: unknown): CodeModeError {
  return new CodeModeError('storage_corrupt', `${file} in the store ${problem}; remove it or restore it from a copy.`, {
    details: { file, problem },
    cause,
  });
}

export function notAFile(label: string, isLink: boolean): CodeModeError {
  return corrupt(label, isLink ? 'is a symbolic link, which is never followed' : 'is neither a file nor a folder');
}

const hasDescriptorPaths = existsSync('/proc/self/fd');

function openBase(base: string): Folder | undefined {
  const path = ignore(() => realpathSync(base), 'ENOENT');
  if (path === undefined) return undefined;
  return new Folder('', path, openDescriptor(path, 0));
}

function openChild(parent: Folder, name: string, create: boolean): Folder | undefined {
  const path = parent.path(name);
  for (let attempt = 0; attempt < 10; attempt++) {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isSymbolicLink()) throw notAFile(parent.labelOf(name), true);
    if (found?.isDirectory()) {
      const descriptor = ignore(() => openDescriptor(path, constants.O_NOFOLLOW ?? 0), 'ENOENT', 'ENOTDIR', 'ELOOP');
      if (descriptor !== undefined || process.platform === 'win32') {
        return new Folder(parent.labelOf(name), join(parent.realPath, name), descriptor);
      }
    } else if (!create) {
      return undefined;
    } else if (found !== undefined) {
      throw invalidName(parent.label, name, 'it is a file there, so nothing can be put below it');
    } else {
      ignore(() => mkdirSync(path), 'EEXIST');
      parent.syncNow();
    }
  }
  throw corrupt(parent.labelOf(name), 'keeps changing');
}

function openDescriptor(path: string, flags: number): number | undefined {
  // Windows opens no folders.
  if (process.platform === 'win32') return undefined;
  return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | flags);
}
