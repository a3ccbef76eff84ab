import MiniSearch from 'minisearch';
import { meanings } from './synonyms.ts';

/** What is searched. The more exact the field, the more a match in it counts: name, parameters, description and so on. */
export interface SearchDocument {
  id: string;
  name: string;
  description: string;
  parameters?: string;
  /** Further text about it. */
  details?: string;
  /** Names that occur in the code. */
  code?: string;
}

export interface SearchHit {
  id: string;
  score: number;
}

const boost = { name: 4, parameters: 2, description: 1, details: 0.5, code: 0.3 };

/** Said outright, a word counts more than one that may mean the same. */
const SYNONYM_WEIGHT = 0.3;
const asSynonym = {
  combineWith: 'OR' as const,
  boost: Object.fromEntries(Object.entries(boost).map(([field, weight]) => [field, weight * SYNONYM_WEIGHT])),
  prefix: false,
  fuzzy: false as const,
};

/**
 * Search by words: parts of identifiers (`listIssues`, `list_issues`, `list.issues`), English word forms, word starts
 * and small spelling mistakes all match. No model, no network.
 */
export class LexicalIndex {
  readonly #index = new MiniSearch<SearchDocument>({
    fields: Object.keys(boost),
    tokenize,
    processTerm,
    searchOptions: {
      boost,
      prefix: (term) => term.length >= 3,
      fuzzy: (term) => (term.length >= 5 ? 0.2 : false),
      // A longer query finds what has most of its words, not only what has all.
      combineWith: 'OR',
    },
  });

  /** Adds a document, in place of the one with its id. */
  add(document: SearchDocument): void {
    if (this.#index.has(document.id)) this.#index.replace(document);
    else this.#index.add(document);
  }

  /** Returns whether it was there. */
  remove(id: string): boolean {
    if (!this.#index.has(id)) return false;
    this.#index.discard(id);
    return true;
  }

  /** The best documents, best first; equal ones by id. A query without a word finds nothing. */
  search(query: string, limit: number): SearchHit[] {
    const terms = synonymTerms(query);
    const queries = terms.length === 0 ? [query] : [query, { queries: terms, ...asSynonym }];
    return this.#index
      .search({ combineWith: 'OR', queries })
      .map(({ id, score }) => ({ id: String(id), score }))
      .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
      .slice(0, limit);
  }
}

/** Whole identifiers are kept beside their parts, so that `listissues` finds `listIssues`. */
function tokenize(text: string): string[] {
  return (text.normalize('NFKC').match(/[\p{L}\p{N}_]+/gu) ?? []).flatMap((word) => {
    const parts = word.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+|[\p{Lo}\p{Lm}]+/gu) ?? [];
    return parts.length > 1 ? [parts.join(''), ...parts] : parts;
  });
}

let knownSynonyms: Map<string, Set<string>> | undefined;

/** By stem. */
function synonyms(): Map<string, Set<string>> {
  if (knownSynonyms) return knownSynonyms;
  knownSynonyms = new Map();
  for (const words of meanings) {
    for (const word of words) {
      const known = knownSynonyms.get(stem(word)) ?? new Set();
      for (const other of words) if (other !== word) known.add(other);
      knownSynonyms.set(stem(word), known);
    }
  }
  return knownSynonyms;
}

/** What the words of a query may also be called, without those it says itself. */
function synonymTerms(query: string): string[] {
  const said = new Set(tokenize(query).map((word) => processTerm(word)));
  const found = new Set<string>();
  for (const term of said) if (term !== null) for (const other of synonyms().get(term) ?? []) found.add(other);
  return [...found].filter((word) => !said.has(processTerm(word)));
}

function processTerm(term: string): string | null {
  const word = term.toLowerCase();
  return stopWords.has(word) ? null : stem(word);
}

/** Takes off the common English endings, so that `forecasts`, `searching` and `searched` meet `forecast` and `search`. */
function stem(word: string): string {
  if (word.length < 4 || !/^[a-z]+$/u.test(word)) return word;
  const singular = word
    .replace(/ies$/u, 'y')
    .replace(/(s|x|z|ch|sh)es$/u, '$1')
    .replace(/([^su])s$/u, '$1');
  const bare = singular.replace(/(?<=[a-z]{3})(?:ing|ed)$/u, '');
  const doubled = bare === singular ? bare : bare.replace(/([^aeiouls])\1$/u, '$1');
  return doubled.length > 4 ? doubled.replace(/e$/u, '') : doubled;
}

/** Words that say nothing of what is looked for, in questions above all. */
const stopWords = new Set(
  (
    'a about again all also am an and any are as at be because been before but by can could did do does for from had has ' +
    'have he her his how i if in into is it its just let many may me might more most much must my need no not of off on ' +
    'one or our out over please s shall she should so some something t than that the their them then there these they ' +
    'this those to too up us want was we were what when where whether which while who whom whose why will with would you your'
  ).split(' '),
);
