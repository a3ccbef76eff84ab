import { lstatSync } from 'node:fs';

/** What the file system says of a file or folder without opening it. A change to it shows, unless the look was too soon. */
export class Look {
  readonly ctimeMs: number;
  readonly size: number;
  readonly inode: number;
  /** Whether it has just changed: a further change may leave times and size as they are. */
  readonly isTooSoon: boolean;

  /** `undefined` when nothing is there. */
  static at(path: string): Look | undefined {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    return stat && new Look(stat.ctimeMs, stat.size, stat.ino);
  }

  private constructor(ctimeMs: number, size: number, inode: number) {
    this.ctimeMs = ctimeMs;
    this.size = size;
    this.inode = inode;
    // Clocks of file systems tick every few milliseconds, those of some every second or two.
    this.isTooSoon = Date.now() - ctimeMs < (ctimeMs % 1000 === 0 ? 2000 : 50);
  }

  isSame(other: Look | undefined): boolean {
    return this.ctimeMs === other?.ctimeMs && this.size === other.size && this.inode === other.inode;
  }

  toString(): string {
    return `${this.ctimeMs} ${this.size} ${this.inode}`;
  }
}
