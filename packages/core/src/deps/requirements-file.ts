import { CodeModeError } from '../errors.ts';
import { parseRequirement, type Requirement } from './requirement.ts';

/**
 * The text of `requirements.txt`. Others write it too, by hand or with py-code-mode, so every line that is not changed
 * stays as it is: comments, blank lines, and what is not taken here (`-r other.txt`, URLs), which is kept and not installed.
 */
export class RequirementsFile {
  readonly #lines: readonly Line[];

  constructor(text: string) {
    const lines = text.split(/\r\n|\r|\n/).map(readLine);
    this.#lines = lines.at(-1)?.text === '' ? lines.slice(0, -1) : lines;
  }

  get requirements(): Requirement[] {
    return this.#lines.flatMap(({ requirement }) => requirement ?? []);
  }

  /** Lines that are neither a requirement nor a comment. */
  get ignored(): string[] {
    return this.#lines.flatMap(({ ignored }) => ignored ?? []);
  }

  /** Adds requirements; each takes the place of the one with its name. A line that says the same already stays. */
  with(added: readonly Requirement[]): RequirementsFile {
    let lines = [...this.#lines];
    for (const requirement of added) {
      const same = lines.filter((line) => line.requirement?.name === requirement.name);
      if (same.length === 1 && same[0]?.requirement?.text === requirement.text) continue;
      const line = { text: requirement.text, requirement };
      const at = same[0] === undefined ? -1 : lines.indexOf(same[0]);
      if (at < 0) lines.push(line);
      else lines = lines.map((other, index) => (index === at ? line : other)).filter((other) => !same.includes(other));
    }
    return RequirementsFile.#of(lines);
  }

  /** Adds what is missing and narrows what is there, so that the old and the new are both fulfilled. */
  including(wanted: readonly Requirement[]): RequirementsFile {
    return wanted.reduce<RequirementsFile>((file, requirement) => {
      const same = file.requirements.filter(({ name }) => name === requirement.name);
      return file.with([same.reduce(narrow, requirement)]);
    }, this);
  }

  /** Leaves out every requirement with this name. */
  without(name: string): RequirementsFile {
    return RequirementsFile.#of(this.#lines.filter((line) => line.requirement?.name !== name));
  }

  toString(): string {
    return this.#lines.map(({ text }) => `${text}\n`).join('');
  }

  static #of(lines: readonly Line[]): RequirementsFile {
    return new RequirementsFile(lines.map(({ text }) => `${text}\n`).join(''));
  }
}

/** A requirement that both fulfil, with the words of the first in front. */
function narrow(wanted: Requirement, there: Requirement): Requirement {
  const both = (one: string, two: string) =>
    [...new Set([...one.split(','), ...two.split(',')])].filter(Boolean).join(',');
  const extras = both(there.extras.join(), wanted.extras.join());
  const marker = there.marker === wanted.marker ? there.marker : '';
  const text = `${there.name}${extras === '' ? '' : `[${extras}]`}${both(there.specifier, wanted.specifier)}`;
  return parseRequirement(marker === '' ? text : `${text}; ${marker}`);
}

interface Line {
  text: string;
  requirement?: Requirement;
  ignored?: string;
}

function readLine(text: string): Line {
  const content = text.replace(/(^|\s)#.*$/, '').trim();
  if (content === '') return { text };
  try {
    return { text, requirement: parseRequirement(content) };
  } catch (error) {
    if (!CodeModeError.isInstance(error)) throw error;
    return { text, ignored: content };
  }
}
