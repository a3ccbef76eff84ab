/** What a program does, told by the names in its code. */
export interface CodeFacts {
  imports: string[];
  fileWrites: CodeFact[];
  shell: CodeFact[];
  network: CodeFact[];
  dynamicCode: CodeFact[];
  tools: string[];
  workflows: string[];
}

export interface CodeFact {
  what: string;
  line: number;
}
