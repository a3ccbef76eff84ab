/** What a program does, told by the names in its code. */
export interface CodeFacts {
  /** Modules it imports, aliases resolved. */
  imports: string[];
  fileWrites: CodeFact[];
  shell: CodeFact[];
  network: CodeFact[];
  /** `eval`, `exec`, `__import__` and the like: what they run, syntax does not tell. */
  dynamicCode: CodeFact[];
  /** Python paths of the tools it names. */
  tools: string[];
  /** Names of the workflows it names. */
  workflows: string[];
}

export interface CodeFact {
  /** E.g. `subprocess.run`. */
  what: string;
  /** 1-based. */
  line: number;
}
