/**
 * One way to run a program beside Node, behind the same few functions, so that every row is written once.
 * When `install`, `load` or `version` throws, the peer is skipped and the message says why.
 */
export interface Peer {
  readonly name: PeerName;
  readonly label: string;
  /** What each row runs, in the peer's language. */
  readonly programs: Programs;
  /** Rows that make no sense here, and why. */
  readonly notMeasured: Readonly<Partial<Record<RowId, string>>>;
  /** Sessions opened at once to measure the memory of one. */
  readonly memorySessions: number;
  /** Downloads or checks what the peer needs; not part of any row. */
  install(report: (text: string) => void): Promise<void>;
  /** Imports the library. Part of the first session of a process. */
  load(): Promise<void>;
  open(): Promise<PeerSession>;
  /** Ends every process and removes every file. Safe to call twice. */
  close(): Promise<void>;
  /** What was measured, with versions. Valid once loaded. */
  version(): Promise<string>;
}

export type RowId =
  | 'first-session'
  | 'fresh-session'
  | 'warm-run'
  | 'single-call'
  | 'calls'
  | 'gather'
  | 'large-in'
  | 'large-out'
  | 'memory'
  | 'many';

export type PeerName = 'raw' | 'code-mode' | 'ipykernel' | 'ai-sdk';

export interface PeerSession {
  /** @throws when the program fails; the row is then marked as failed. */
  run(program: string): Promise<Outcome>;
  close(): Promise<void>;
  /** Set when the peer's host is not Node and timed the opening itself. */
  readonly openMs?: number;
}

export interface Outcome {
  result: unknown;
  /** Set when the peer's host is not Node and timed the run itself. */
  ms?: number;
}

/** A program with what it must come to, so that a peer that cuts or loses data cannot look fast. */
export interface Program {
  code: string;
  expect(result: unknown): boolean;
}

export interface Programs {
  /** `1+1`: the empty run. */
  onePlusOne: Program;
  /** Calls the host's `echo` with 0, 1, 2, …, one after the other; comes to the last answer. */
  calls(count: number): Program;
  /** Starts `count` calls of the host's `pause` at the same time; comes to how many have answered. */
  gathered(count: number): Program;
  /** Reads the host's `text`; comes to its length. */
  largeIn: Program;
  /** Comes to a text of `LARGE_CHARS` characters. */
  largeOut: Program;
  /** Puts a value into a variable. */
  remember(value: number): Program;
  /** Comes to the variable's value. */
  recall(value: number): Program;
}
