import { CallFailure } from './call-failure.ts';

interface Arguments {
  function: string;
  arguments: Readonly<Record<string, unknown>>;
}

/** Reads the arguments of one namespace's calls. One of another type is a mistake of the code, always said in one form. */
export class ArgumentReader {
  readonly #namespace: string;

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /** @throws CallFailure `arguments` */
  text(call: Arguments, name: string): string {
    const value = call.arguments[name];
    if (typeof value === 'string') return value;
    throw this.wrong(call, name, 'a str');
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
