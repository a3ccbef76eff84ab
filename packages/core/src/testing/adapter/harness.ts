import type { SessionLimits } from '../../limits.ts';
import type { SessionOptions } from '../../session-options.ts';
import type { JsonSchema } from '../../tool-sources/tool.ts';

/** Makes what the suite drives: code mode in a framework, with a scripted model in place of a real one. */
export interface AdapterHarness {
  open(options: AdapterOptions): Promise<OpenAdapter> | OpenAdapter;
}

export interface AdapterOptions {
  /** Tools of the framework, for Python. */
  tools?: NeutralTool[];
  /** `framework`: its own way to ask, as `LoopOptions.decide` says; else `onApproval` is asked. */
  approval?: 'framework';
  onApproval?: SessionOptions['onApproval'];
  onEvent?: SessionOptions['onEvent'];
  limits?: Partial<SessionLimits>;
  /** A session for each conversation, by the framework's own key for it. */
  perConversation?: true;
}

/** Code mode in one process. */
export interface OpenAdapter {
  /**
   * Runs one agent loop: the model calls `runCode` with each program in turn and then answers `done`. When it reads that
   * it shall call again with the same code, it does. May reject when `signal` aborts the loop.
   */
  loop(options: LoopOptions): Promise<LoopOutcome>;
  /** Closes its sessions. Safe to call twice. */
  close(): Promise<void>;
}

export interface LoopOptions {
  /** The programs the model writes, one for each step. */
  programs: string[];
  signal?: AbortSignal;
  /** The framework's name of the conversation. */
  conversation?: string;
  /**
   * Called each time the framework has stopped to ask, with all that a person would be shown: whether everything asked is
   * approved. The harness then resumes, with what the framework stored (as text, where it can be).
   */
  decide?(asked: string): boolean | Promise<boolean>;
  /** Resumes in this code mode instead: what a restart of the process leaves. */
  resumeIn?: OpenAdapter;
}

/** A tool in no framework's terms; the harness makes one of its framework's. */
export interface NeutralTool {
  name: string;
  description: string;
  inputSchema: JsonSchema;
  /** The framework's own gate, e.g. `needsApproval`, is set. */
  needsApproval?: boolean | ((input: Record<string, unknown>) => boolean | Promise<boolean>);
  execute(input: Record<string, unknown>): unknown;
}

export interface LoopOutcome {
  /** What the model read as the description of `runCode` at its first step. */
  description: string;
  /** What the model read as the result of each `runCode` call, also of one that was denied. */
  seen: { text: string; images: { mediaType: string; data: string }[] }[];
  /** What the application got as the result of each `runCode` call that was executed. */
  results: unknown[];
  /** The model's answer. */
  finalText: string;
}

/** What the cases work with: everything opened is closed afterwards. */
export interface AdapterContext {
  open(options?: AdapterOptions): Promise<OpenAdapter>;
  /** One loop in a code mode of its own. */
  run(options: AdapterOptions & LoopOptions): Promise<LoopOutcome>;
}

export const NO_ARGUMENTS: JsonSchema = { type: 'object', properties: {}, additionalProperties: false };

export const add: NeutralTool = {
  name: 'add',
  description: 'Adds two whole numbers.',
  inputSchema: {
    type: 'object',
    properties: { a: { type: 'integer' }, b: { type: 'integer' } },
    required: ['a', 'b'],
    additionalProperties: false,
  },
  execute: ({ a, b }) => (a as number) + (b as number),
};

/** A tool that deletes, once somebody has approved it; `deleted` are the paths in order. */
export function gatedTool(needsApproval: NeutralTool['needsApproval'] = true): {
  tool: NeutralTool;
  deleted: unknown[];
} {
  const deleted: unknown[] = [];
  const tool: NeutralTool = {
    name: 'delete_file',
    description: 'Deletes a file.',
    inputSchema: {
      type: 'object',
      properties: { path: { type: 'string' } },
      required: ['path'],
      additionalProperties: false,
    },
    needsApproval,
    execute: ({ path }) => {
      deleted.push(path);
      return 'deleted';
    },
  };
  return { tool, deleted };
}

export function texts({ seen }: LoopOutcome): string[] {
  return seen.map(({ text }) => text);
}
