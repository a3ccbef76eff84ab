import { CodeModeError } from '../errors.ts';
import { type Embedder, within } from './embedder.ts';
import { LexicalIndex, type SearchDocument, type SearchHit } from './lexical.ts';
import { VectorTable } from './vector-table.ts';

/** `hybrid`: by words and by meaning. `lexical`: by words alone, without `embed` or when it did not answer. */
export type SearchMode = 'lexical' | 'hybrid';

/** What a search found, best first. A list like any other; `mode` says how it was found and is not copied with it. */
export type Found<T> = T[] & { readonly mode: SearchMode };

export interface HybridOptions {
  /** Without one there is only the search by words. */
  embedder?: Embedder | undefined;
  /** Told when searches by meaning stop working. */
  warn?(message: string): void;
  /** How long a search waits for the embedder. @defaultValue 3,000 */
  waitMs?: number;
  /** How long an embedder that failed is left alone. @defaultValue 30,000 */
  restMs?: number;
}

/**
 * The lists are fused by the places in them, for their scores cannot be compared. The first places say much and the later
 * ones little: a store has few documents, and a common offset of 60 would let two late places win over a first one.
 */
const RANK_OFFSET = 2;
/** Places of each list that count. */
const DEPTH = 10;
/** Meaning counts for more than words, which are shared by chance too. */
const WORDS_WEIGHT = 0.7;
/** What shares less than this part of the words that the best one shares is not found by its words. */
const LEAST_SCORE = 0.5;
/** A search costs time for each word, and the host stands still meanwhile. */
const MAX_QUERY = 1_000;
/** Longer texts gain nothing and are cut off by many models. */
const TEXT_LIMIT = 2000;

/** Search by words and by meaning, fused by rank. What has changed is embedded with the next search, and nothing else. */
export class HybridIndex {
  readonly #lexical = new LexicalIndex();
  readonly #options: HybridOptions;
  /** The texts to embed, by id. */
  readonly #texts = new Map<string, string>();
  /** The documents without a vector of their present text. */
  readonly #pending = new Set<string>();
  #vectors: VectorTable | undefined;
  #updating: Promise<void> | undefined;
  /** A search stopped waiting, and what it waited for goes on. */
  #late: Promise<unknown> | undefined;
  #restUntil = 0;
  #warned = false;

  constructor(options: HybridOptions = {}) {
    this.#options = options;
  }

  /** Adds a document, in place of the one with its id. */
  add(document: SearchDocument): void {
    this.#lexical.add(document);
    if (!this.#options.embedder) return;
    const text = textOf(document);
    if (this.#texts.get(document.id) === text) return;
    this.#texts.set(document.id, text);
    this.#pending.add(document.id);
  }

  /** Returns whether it was there. */
  remove(id: string): boolean {
    this.#texts.delete(id);
    this.#pending.delete(id);
    this.#vectors?.delete(id);
    return this.#lexical.remove(id);
  }

  /** By words alone, at once. */
  searchLexical(query: string, limit: number): Found<SearchHit> {
    return withMode(this.#lexical.search(query, limit), 'lexical');
  }

  /**
   * The best documents, best first. Never fails because of the embedder: then it is a search by words.
   * @throws CodeModeError `invalid_arguments` for a query that is too long
   */
  async search(query: string, limit: number): Promise<Found<SearchHit>> {
    if (query.length > MAX_QUERY) {
      const message = `A query has at most ${MAX_QUERY} characters; this one has ${query.length}.`;
      throw new CodeModeError('invalid_arguments', message);
    }
    const vector = /[\p{L}\p{N}]/u.test(query) ? await this.#embed(query) : undefined;
    if (vector === undefined || this.#vectors === undefined) return this.searchLexical(query, limit);
    const depth = Math.max(DEPTH, limit);
    const byWords = this.#lexical.search(query, depth);
    const least = (byWords[0]?.score ?? 0) * LEAST_SCORE;
    const words = byWords.filter(({ score }) => score >= least).map(({ id }) => id);
    const near = this.#vectors.nearest(vector, depth);
    return withMode(fuse([words, WORDS_WEIGHT], [near, 1]).slice(0, limit), 'hybrid');
  }

  /** The query's vector, when every document has one too: else those that have would win over those that have not. */
  async #embed(query: string): Promise<Float32Array | undefined> {
    const { embedder, waitMs = 3000 } = this.#options;
    if (!embedder || this.#late || Date.now() < this.#restUntil || this.#texts.size === 0) return undefined;
    const work = Promise.all([embedder.query(query), this.#update(embedder)]);
    // A search that was not waited for must not ask a silent embedder again and again.
    const ended = work.then(
      () => {},
      (error: Error) => this.#failed(error),
    );
    try {
      const [vector] = await within(work, waitMs);
      if (vector.length !== this.#vectors?.dimension)
        throw new Error('Query and documents have vectors of different lengths.');
      this.#warned = false;
      return vector;
    } catch (error) {
      this.#warn(error as Error);
      this.#late = ended.finally(() => {
        this.#late = undefined;
      });
      return undefined;
    }
  }

  /** Embeds what has changed; searches at the same time share one update. */
  #update(embedder: Embedder): Promise<void> {
    if (this.#pending.size === 0) return Promise.resolve();
    this.#updating ??= this.#embedPending(embedder).finally(() => {
      this.#updating = undefined;
    });
    return this.#updating;
  }

  async #embedPending(embedder: Embedder): Promise<void> {
    while (this.#pending.size > 0) {
      const changed = [...this.#pending].map((id) => ({ id, text: this.#texts.get(id) ?? '' }));
      await embedder.documents(
        changed.map(({ text }) => text),
        (index, vector) => {
          const document = changed[index];
          // It may have changed again, or be gone.
          if (!document || this.#texts.get(document.id) !== document.text) return;
          this.#vectors ??= new VectorTable(vector.length);
          this.#vectors.set(document.id, vector);
          this.#pending.delete(document.id);
        },
      );
    }
  }

  #failed(error: Error): void {
    this.#restUntil = Date.now() + (this.#options.restMs ?? 30_000);
    this.#warn(error);
  }

  /** Once, until it works again. */
  #warn(error: Error): void {
    if (this.#warned) return;
    this.#warned = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.warn?.(`Search goes by words alone: the embedder does not answer. ${reason}`);
  }
}

/** A list that says how it was found. */
export function withMode<T>(found: T[], mode: SearchMode): Found<T> {
  return Object.defineProperty(found, 'mode', { value: mode, configurable: true }) as Found<T>;
}

/** Reciprocal rank fusion of lists, each with its weight. */
function fuse(...lists: [ids: string[], weight: number][]): SearchHit[] {
  const scores = new Map<string, number>();
  for (const [ids, weight] of lists) {
    for (const [place, id] of ids.entries()) {
      scores.set(id, (scores.get(id) ?? 0) + weight / (RANK_OFFSET + place + 1));
    }
  }
  return [...scores].map(([id, score]) => ({ id, score })).sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}

/** What is embedded: what a person would read. Code says how, a query says what. */
function textOf({ name, description, parameters }: SearchDocument): string {
  const words = name
    .replace(/[_.\-/]+/gu, ' ')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .trim();
  const given = parameters === undefined || parameters === '' ? '' : ` (${parameters})`;
  return `${words}: ${description}${given}`.slice(0, TEXT_LIMIT);
}
