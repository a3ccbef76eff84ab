import { CodeModeError } from './errors.ts';
import type { SessionEvent } from './events.ts';
import { describeCodeTool } from './prompts/describe-code-tool.ts';
import { describeResult } from './prompts/describe-result.ts';
import type { Run, RunOptions } from './run.ts';
import type { JsonValue, RunResult } from './run-result.ts';
import type { Session } from './session.ts';
import { type RunProgress, streamRun } from './stream-run.ts';
import type { JsonSchema } from './tool-sources/tool.ts';

/** What the model passes to `runCode`. */
export interface RunCodeInput {
  code: string;
}

/** An image of a run, for the model. */
export interface ResultImage {
  mediaType: string;
  /** base64 */
  data: string;
}

export interface CodeToolOptions {
  /** Longest text the model gets for one run, in characters. @defaultValue 20_000 */
  maxResultChars?: number;
  /** Longest tool description, in tokens; beyond it stubs give way to names, then to search. @defaultValue 1_500 */
  tokenBudget?: number;
}

/** How a framework's call of the tool is run. */
export interface CodeToolRunOptions {
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
  /** What happens in this run, as it happens. */
  onEvent?: ((event: SessionEvent) => void) | undefined;
  /** What the framework knows of this call, for the tools that Python calls: their `runContext`. */
  context?: unknown;
}

/** The one tool every framework gets, in no framework's terms. Adapters wrap it and add nothing. */
export interface CodeTool {
  readonly name: 'runCode';
  readonly inputSchema: JsonSchema;
  /** A few sentences for the agent's system prompt: when to use the tool. */
  readonly instructions: string;
  /** What the model reads, with the tools known now. */
  description(): string;
  /** Begins the run. @throws CodeModeError `invalid_arguments`, `session_closed` */
  begin(input: RunCodeInput, options?: CodeToolRunOptions): Run;
  /** Runs to the end, approvals by the session's `onApproval`. */
  execute(input: RunCodeInput, options?: CodeToolRunOptions): Promise<RunResult>;
  /**
   * Like `execute`, with what the program prints as it comes: yields snapshots, returns the result. Who stops listening
   * stops the run.
   */
  stream(input: RunCodeInput, options?: CodeToolRunOptions): AsyncGenerator<RunProgress, RunResult>;
  /** The result as text for the model. */
  toText(result: RunResult): string;
  /** The result's images for the model. */
  images(result: RunResult): ResultImage[];
  /** The result as plain JSON, for the application: nothing undefined, nothing a framework could trip over. */
  toJson(result: RunResult): { [key: string]: JsonValue };
}

const INPUT_SCHEMA: JsonSchema = {
  type: 'object',
  properties: { code: { type: 'string', description: 'Python code. The value of the last expression is the result.' } },
  required: ['code'],
  additionalProperties: false,
};

const INSTRUCTIONS =
  'You have a Python session: the tool runCode. Use it for data, computing, and whatever takes more than one call: write one program that makes the calls as tools.NAME(arg=...), works on what they return, and ends in an expression with the answer. Variables stay for the next run. When a run fails, read the traceback, mend the code and run it again.';

/** Image types that models take; other displays are described in the text. */
const MODEL_IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** Makes the neutral tool of a session. */
export function createCodeTool(session: Session, options: CodeToolOptions = {}): CodeTool {
  const { maxResultChars, tokenBudget } = options;
  return {
    name: 'runCode',
    inputSchema: INPUT_SCHEMA,
    instructions: INSTRUCTIONS,
    description: () => {
      // Nothing to tell of packages that Python may not change.
      const told = (name: string) => name !== 'deps' || session.deps.options.allowRuntime;
      const described = { namespaces: session.namespaces.filter(told), tools: session.tools };
      return describeCodeTool(described, tokenBudget === undefined ? {} : { tokenBudget });
    },
    begin: (input, options) => session.begin(codeOf(input), runOptions(options)),
    execute: async (input, options) => session.run(codeOf(input), runOptions(options)),
    stream: (input, options) =>
      streamRun(async (watched) => session.run(codeOf(input), runOptions({ ...options, ...watched })), options),
    toText: (result) => describeResult(result, maxResultChars === undefined ? {} : { maxChars: maxResultChars }),
    images,
    toJson: (result) => JSON.parse(JSON.stringify(result)) as { [key: string]: JsonValue },
  };
}

function codeOf(input: RunCodeInput): string {
  const code: unknown = (input as RunCodeInput | undefined)?.code;
  if (typeof code === 'string') return code;
  throw new CodeModeError(
    'invalid_arguments',
    `runCode takes { code: string }, got ${JSON.stringify(input)?.slice(0, 200)}.`,
  );
}

function runOptions({ signal, timeoutMs, onEvent, context }: CodeToolRunOptions = {}): RunOptions {
  return {
    ...(signal && { signal }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(onEvent && { onEvent }),
    context,
  };
}

function images(result: RunResult): ResultImage[] {
  return result.displays.flatMap(({ data }) => {
    const mediaType = MODEL_IMAGES.find((type) => Object.hasOwn(data, type));
    return mediaType === undefined ? [] : [{ mediaType, data: data[mediaType] as string }];
  });
}
