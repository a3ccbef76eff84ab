import type { Sight } from '../change-log.ts';
import type { FileDocuments } from './documents.ts';
import { readEntries, Walk } from './list.ts';
import { Look } from './look.ts';
import type { Tree } from './tree.ts';

/**
 * A collection seen by looks at its folders and files. New, removed and replaced files change their folder, and so do our
 * records; a file that someone writes to in place changes itself.
 */
export class FileSight implements Sight {
  readonly marks = new Map<string, string>();
  readonly #tree: Tree;
  readonly #documents: FileDocuments;
  readonly #walk: Walk;
  /** By path: the folders as they were before they were read, and the files. */
  readonly #looks: Map<string, Look>;
  #doubts: number;

  /** @param before the sight before this one */
  static async of(
    tree: Tree,
    documents: FileDocuments,
    collection: string,
    before: FileSight | undefined,
  ): Promise<FileSight> {
    if (before?.isCurrent()) return before;
    const walk = new Walk(tree, documents, collection, '');
    await walk.run();
    return new FileSight(tree, documents, walk, before === undefined ? 0 : before.#doubts);
  }

  private constructor(tree: Tree, documents: FileDocuments, walk: Walk, doubts: number) {
    this.#tree = tree;
    this.#documents = documents;
    this.#walk = walk;
    this.#looks = new Map(walk.folders);
    this.#doubts = doubts;
    for (const [name, path] of walk.files) {
      const look = Look.at(path);
      if (look !== undefined) this.#looks.set(path, look);
      this.marks.set(name, this.#markOf(look, Look.at(walk.recordOf(name) ?? path)));
    }
  }

  /** Whether a new walk would show the same. */
  isCurrent(): boolean {
    if (this.#walk.folders.size === 0) return false;
    for (const [path, look] of this.#looks) if (look.isTooSoon || !look.isSame(Look.at(path))) return false;
    return true;
  }

  readonly entries: Sight['entries'] = async (names) =>
    await readEntries(this.#tree, this.#documents, this.#walk, names);

  /** What was looked at too soon gets a mark that it will not have again. */
  #markOf(...looks: (Look | undefined)[]): string {
    const isCertain = looks.every((look) => look !== undefined && !look.isTooSoon);
    return looks.join(' ') + (isCertain ? '' : ` ${++this.#doubts}`);
  }
}
