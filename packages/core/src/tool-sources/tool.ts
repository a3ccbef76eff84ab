import type { JsonValue } from '../run-result.ts';

/** A JSON Schema document. */
export type JsonSchema = { [key: string]: unknown };

/** A tool as the session knows it, whatever it came from. Sources produce these; dispatch calls them. */
export interface Tool {
  /** Dotted name, e.g. `weather` or `github.issues.list`. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments: an object schema. */
  readonly inputSchema: JsonSchema;
  /** JSON Schema of the result, when it is known. */
  readonly outputSchema?: JsonSchema;
  readonly annotations: ToolAnnotations;
  /** Extra validation beyond `inputSchema`, e.g. a zod schema's refinements and defaults; returns the parsed input. */
  validate?(input: Record<string, unknown>): ValidationResult | Promise<ValidationResult>;
  /** Whether a person must approve this call. A throw counts as yes. */
  needsApproval?(input: Record<string, unknown>, context: ToolContext): boolean | Promise<boolean>;
  execute(input: Record<string, unknown>, context: ToolContext): unknown;
}

/**
 * Where tools come from. A session asks for them when code names `tools` or `workflows`, or when the host lists, searches
 * or calls tools. Several sessions may use one source.
 */
export interface ToolSource {
  readonly name: string;
  /**
   * What cannot be offered is left out and listed in `problems`; a throw is for a source that can offer nothing, and
   * that is to be asked again the next time.
   */
  tools(): Iterable<Tool> | Promise<Iterable<Tool>>;
  /** What was left out, once `tools()` has resolved. */
  problems?(): readonly ToolProblem[];
  /** Tells when `tools()` would answer otherwise than before, e.g. after MCP's `tools/list_changed`. Returns how to stop. */
  watch?(changed: () => void): () => void;
  /** Ends what `tools` started, once no session uses the source any more; a later `tools()` starts it again. */
  close?(): Promise<void>;
}

/** A tool, or a whole file or server of tools, that a source left out. */
export interface ToolProblem {
  /** The source's name. */
  source: string;
  /** What was left out, e.g. a tool's name, a file or a server. */
  subject: string;
  /** What is wrong, where, and what to do. */
  message: string;
}

/** Hints, with MCP's meanings. */
export interface ToolAnnotations {
  /** The tool's name for people. */
  title?: string;
  readOnly?: boolean;
  destructive?: boolean;
  idempotent?: boolean;
  openWorld?: boolean;
}

/** What a tool is told about the call it serves. */
export interface ToolContext {
  sessionId: string;
  /** Absent when the host calls the tool itself. */
  runId?: string;
  callId?: number;
  toolName: string;
  /** What whoever started the run passed as `context`; adapters pass what their framework knows of the outer call. */
  runContext?: unknown;
  /** Aborted when the run is interrupted, the call's time is up, or the session closes. */
  signal: AbortSignal;
}

export type ValidationResult = { ok: true; input: Record<string, unknown> } | { ok: false; issues: ValidationIssue[] };

export interface ValidationIssue {
  /** Path into the arguments, e.g. `['filters', 0, 'field']`; empty for the arguments as a whole. */
  path: (string | number)[];
  /** What was expected, e.g. `integer >= 1`. */
  expected: string;
  /** What came, when it can be shown. */
  received?: JsonValue | undefined;
  message?: string;
}

const imageBrand = Symbol.for('code-mode.image');

/** An image a tool returns: Python sees an object with `data`, `mime_type`, `save(path)`, and it can be displayed. */
export class ToolImage {
  readonly data: Uint8Array;
  readonly mimeType: string;
  constructor(data: Uint8Array, mimeType: string) {
    this.data = data;
    this.mimeType = mimeType;
    Object.defineProperty(this, imageBrand, { value: true });
  }

  /** Works across copies of this package: a tool may have been made with another one than the session's. */
  static isInstance(value: unknown): value is ToolImage {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[imageBrand] === true;
  }
}

/** Throw it from a tool to give Python a message and structured details (`error.details`). */
export class ToolError extends Error {
  override readonly name = 'ToolError';
  readonly details: JsonValue | undefined;
  constructor(message: string, details?: JsonValue, options?: { cause?: unknown }) {
    super(message, options);
    this.details = details;
  }
}
