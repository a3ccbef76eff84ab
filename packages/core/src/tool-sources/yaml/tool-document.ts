import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type ScalarTag,
} from 'yaml';

/** What is wrong with a file, and where. */
export interface DocumentProblem {
  /** `file:line:column`, or the file. */
  place: string;
  message: string;
}

export type Path = readonly PropertyKey[];

/** A tool file that was read: its data, and where each part of it stands. */
export class ToolDocument {
  readonly file: string;
  readonly problems: readonly DocumentProblem[];
  /** Empty keys are left out; a file that is broken has no data. */
  readonly data: Record<string, unknown> | undefined;
  readonly #text: string;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  /** @param expected what the file must hold, for messages */
  constructor(file: string, text: string, expected = 'the keys of one tool, such as `name` and `recipes`') {
    this.file = file;
    this.#text = text;
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      stringKeys: true,
      merge: true,
      customTags: [yesOrNo],
    });
    const { errors, warnings } = this.#document;
    // What follows the first error often follows from it.
    this.problems = [...errors, ...warnings].slice(0, 1).map((error) => ({
      place: this.#placeAt(error.pos[0]),
      message: this.#words(error),
    }));
    if (this.problems.length > 0) return;
    try {
      const data: unknown = withoutNulls(this.#document.toJS());
      if (typeof data === 'object' && data !== null && !Array.isArray(data)) {
        this.data = data as Record<string, unknown>;
        return;
      }
      this.problems = [{ place: file, message: `must hold ${expected}` }];
    } catch (error) {
      this.problems = [{ place: file, message: error instanceof Error ? error.message : String(error) }];
    }
  }

  /** Where the key or the item is, or the nearest thing around it that is there. */
  place(path: Path): string {
    return this.#placeAt(this.#find(path).offset);
  }

  /** The value as the file writes it, when it is short. */
  source(path: Path): string | undefined {
    const { node } = this.#find(path);
    if (!isScalar(node) || !node.range) return undefined;
    const text = this.#text.slice(node.range[0], node.range[1]);
    return text.length > 0 && text.length <= 60 && !text.includes('\n') ? text : undefined;
  }

  #find(path: Path): { node: unknown; offset: number } {
    let node: unknown = this.#document.contents;
    let offset = offsetOf(node);
    for (const step of path) {
      if (isAlias(node)) node = node.resolve(this.#document);
      let next: unknown;
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => isScalar(key) && key.value === String(step));
        if (pair === undefined) return { node: undefined, offset };
        next = pair.value;
        offset = offsetOf(pair.key);
      } else {
        next = isSeq(node) && typeof step === 'number' ? node.items[step] : undefined;
        if (next === undefined) return { node: undefined, offset };
        offset = offsetOf(next);
      }
      node = next;
    }
    return { node, offset };
  }

  #placeAt(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return line > 0 ? `${this.file}:${line}:${col}` : this.file;
  }

  #words({ code, message, pos }: Document.Parsed['errors'][number]): string {
    if (code === 'DUPLICATE_KEY') {
      const key = /^[^\s:]*/u.exec(this.#text.slice(pos[0]))?.[0];
      return `the key "${key}" is there twice; remove one of them`;
    }
    if (code === 'MULTIPLE_DOCS') return 'holds more than one document; write each tool into a file of its own';
    const line = this.#text.slice(this.#text.lastIndexOf('\n', pos[0] - 1) + 1).split('\n', 1)[0] ?? '';
    const advice = line.includes('${') ? `; inside braces and brackets, write "\${NAME}" in quotes` : '';
    return `is no valid ${this.file.endsWith('.json') ? 'JSON' : 'YAML'}: ${message}${advice}`;
  }
}

/** Truth values of YAML 1.1, which py-code-mode reads. */
const yesOrNo: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(?:yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$/,
  resolve: (text) => /^(?:yes|on)$/i.test(text),
};

function offsetOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutNulls(item)]));
}
