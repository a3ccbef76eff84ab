import { CallFailure } from './call-failure.ts';

interface Arguments {
  function: string;
  arguments: Readonly<Record<string, unknown>>;
}

/** Of a name, an id or a query. */
const MAX_TEXT = 1_000;
/** Entries of a list. */
const MAX_ITEMS = 1_000;

/** Reads the arguments of one namespace's calls. One of another type is a mistake of the code, always said in one form. */
export class ArgumentReader {
  readonly #namespace: string;

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /**
   * What is not made for long texts may take minutes with one, and the host would stand still meanwhile.
   * @throws CallFailure `arguments`
   */
  text(call: Arguments, name: string, maxChars = MAX_TEXT): string {
    const value = call.arguments[name];
    if (typeof value !== 'string') throw this.wrong(call, name, 'a str');
    if (value.length <= maxChars) return value;
    throw this.wrong(call, name, `a str of at most ${maxChars} characters, and has ${value.length}`);
  }

  /** @throws CallFailure `arguments` */
  list<Item>(call: Arguments, name: string, what: string, isItem: (item: unknown) => item is Item): Item[] {
    const value = call.arguments[name];
    if (!Array.isArray(value) || !value.every(isItem)) throw this.wrong(call, name, what);
    if (value.length <= MAX_ITEMS) return value;
    throw this.wrong(call, name, `at most ${MAX_ITEMS} items long, and has ${value.length}`);
  }

  /** @throws CallFailure `arguments` */
  count(call: Arguments, name: string): number {
    const value = call.arguments[name];
    if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
    throw this.wrong(call, name, 'a whole number of 1 or more');
  }

  /** The error for an argument that is not what it must be. */
  wrong(call: Arguments, name: string, what: string): CallFailure {
    return new CallFailure('arguments', `${this.#namespace}.${call.function}(${name}=…): ${name} must be ${what}.`);
  }
}
