import { CodeModeError } from './errors.ts';
import type { SessionEvent } from './events.ts';
import { type PausedRun, PendingRuns, runNotFound, type StepOptions } from './pending-runs.ts';
import { describeCodeTool } from './prompts/describe-code-tool.ts';
import { describeOutput } from './prompts/describe-output.ts';
import type { RunOptions } from './run.ts';
import type { JsonValue, RunResult } from './run-result.ts';
import type { Session } from './session.ts';
import type { SessionKey, SessionPool } from './session-pool.ts';
import { sessionsOf } from './sessions.ts';
import { type RunProgress, streamRun } from './stream-run.ts';
import type { JsonSchema, Tool } from './tool-sources/tool.ts';

/** What the model passes to `runCode`. */
export interface RunCodeInput {
  code: string;
}

/** JSON Schema of it. Flat, so that every framework and MCP client takes it. */
export interface RunCodeSchema extends JsonSchema {
  type: 'object';
  properties: { code: { type: 'string'; description: string } };
  required: ['code'];
  additionalProperties: false;
}

/** What a framework gets of a run: a snapshot while it goes on, a pause, or the result. */
export type RunCodeOutput = RunProgress | PausedRun | RunResult;

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

/** Which session runs a call of the tool, and with what. */
export interface CodeToolSessionOptions {
  /** The conversation; needed for a pool, ignored for one session. */
  sessionKey?: SessionKey | undefined;
  /** Tools that come with this call; they replace those that the same source brought before. */
  tools?: { source: string; tools: Tool[] } | undefined;
}

/** How a framework's call of the tool is run. */
export interface CodeToolRunOptions extends CodeToolSessionOptions {
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
  /** What happens in this run, as it happens. */
  onEvent?: ((event: SessionEvent) => void) | undefined;
  /** What the framework knows of this call, for the tools that Python calls: their `runContext`. */
  context?: unknown;
}

/** How a framework that asks for approvals itself runs a call of the tool. */
export type CodeToolStepOptions = CodeToolSessionOptions & StepOptions;

/** The one tool every framework gets, in no framework's terms. Adapters wrap it and add nothing. */
export interface CodeTool {
  readonly name: 'runCode';
  readonly inputSchema: RunCodeSchema;
  /** A few sentences for the agent's system prompt: when to use the tool. */
  readonly instructions: string;
  /** What the model reads, with the tools known now. @param more tools that will come with the call */
  description(more?: Iterable<Tool>): string;
  /**
   * Runs to the end, approvals by the session's `onApproval`.
   * @throws CodeModeError `invalid_arguments`, `session_closed`, `session_key_missing`, `too_many_sessions`
   */
  execute(input: RunCodeInput, options?: CodeToolRunOptions): Promise<RunResult>;
  /**
   * Like `execute`, with what the program prints as it comes: yields snapshots, returns the result. Who stops listening
   * stops the run.
   */
  stream(input: RunCodeInput, options?: CodeToolRunOptions): AsyncGenerator<RunProgress, RunResult>;
  /**
   * Runs to the end or to the next approval, for a framework that asks by suspending: it comes back with the same
   * `callId` and with `decisions`, and Python goes on where it waits. Without decisions it gives the same pause again.
   * @throws CodeModeError as `execute`; `run_not_found` for decisions on a run that is gone; `decision_not_pending`
   */
  step(input: RunCodeInput, options: CodeToolStepOptions): Promise<RunResult | PausedRun>;
  /** Like `step`, with snapshots as `stream` has them. */
  streamStep(input: RunCodeInput, options: CodeToolStepOptions): AsyncGenerator<RunProgress, RunResult | PausedRun>;
  /** Whether a step has begun the run of this call, so that the next one goes on with it. */
  hasBegun(input: RunCodeInput, options: Pick<CodeToolStepOptions, 'callId' | 'sessionKey'>): boolean;
  /** The outcome as text for the model. */
  toText(output: RunCodeOutput): string;
  /** The outcome's images for the model. */
  images(output: RunCodeOutput): ResultImage[];
  /** The outcome as plain JSON, for the application: nothing undefined, nothing a framework could trip over. */
  toJson(output: RunCodeOutput): { [key: string]: JsonValue };
}

const INPUT_SCHEMA: RunCodeSchema = {
  type: 'object',
  properties: { code: { type: 'string', description: 'Python code. The value of the last expression is the result.' } },
  required: ['code'],
  additionalProperties: false,
};

const INSTRUCTIONS =
  'You have a Python session: the tool runCode. Use it for data, computing, and whatever takes more than one call: write one program that makes the calls as tools.NAME(arg=...), works on what they return, and ends in an expression with the answer. Variables stay for the next run. When a run fails, read the traceback, mend the code and run it again.';

/** Image types that models take; other displays are described in the text. */
const MODEL_IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** Makes the neutral tool of a session, or of a pool that has one for each conversation. */
export function createCodeTool(given: Session | SessionPool, options: CodeToolOptions = {}): CodeTool {
  const { maxResultChars, tokenBudget } = options;
  const sessions = sessionsOf(given);
  const leave = <Outcome extends RunResult | PausedRun>(session: Session, outcome: Outcome): Outcome =>
    outcome.status !== 'approval-required' && sessions.takeLoss(session) ? { ...outcome, stateLost: true } : outcome;
  const execute = async (input: RunCodeInput, call: CodeToolRunOptions = {}) => {
    const code = codeOf(input);
    const session = sessions.acquire(call.sessionKey);
    bind(session, call);
    return leave(session, await session.run(code, runOptions(call)));
  };
  const open = (input: RunCodeInput, call: CodeToolStepOptions) => {
    const code = codeOf(input);
    // A new session could not have the run that a resume is for.
    const session = call.decisions ? sessions.find(call.sessionKey) : sessions.acquire(call.sessionKey);
    if (!session) throw runNotFound(call.callId);
    bind(session, call);
    const runs = PendingRuns.of(session);
    const pending = runs.open(code, call);
    const step = async (signal?: AbortSignal) =>
      leave(session, await runs.step(pending, signal ? { ...call, signal } : call));
    return { pending, step };
  };
  return {
    name: 'runCode',
    inputSchema: INPUT_SCHEMA,
    instructions: INSTRUCTIONS,
    description: (more = []) => {
      const { session } = sessions;
      // Nothing to tell of packages that Python may not change.
      const told = (name: string) => name !== 'deps' || session.deps.options.allowRuntime;
      const tools = new Map([...session.tools.loaded, ...more].map((tool) => [tool.name, tool]));
      const described = { namespaces: session.namespaces.filter(told), tools: { loaded: tools.values() } };
      return describeCodeTool(described, tokenBudget === undefined ? {} : { tokenBudget });
    },
    execute,
    stream: (input, call) => streamRun((watched) => execute(input, { ...call, ...watched }), call),
    step: async (input, call) => await open(input, call).step(),
    async *streamStep(input, call) {
      const { pending, step } = open(input, call);
      return yield* streamRun(({ signal }) => step(signal), { signal: call.signal }, pending.watcher);
    },
    hasBegun: (input, { callId, sessionKey }) => {
      const session = sessions.find(sessionKey);
      return session !== undefined && PendingRuns.of(session).find(callId, codeOf(input)) !== undefined;
    },
    toText: (output) => describeOutput(output, maxResultChars === undefined ? {} : { maxChars: maxResultChars }),
    images: (output) => ('displays' in output ? images(output) : []),
    toJson: (output) => JSON.parse(JSON.stringify(output)) as { [key: string]: JsonValue },
  };
}

function bind(session: Session, { tools }: CodeToolSessionOptions): void {
  if (tools) session.tools.bind(tools.source, tools.tools);
}

function codeOf(input: RunCodeInput): string {
  const code: unknown = (input as RunCodeInput | undefined)?.code;
  if (typeof code === 'string') return code;
  throw new CodeModeError(
    'invalid_arguments',
    `runCode takes { code: string }, got ${JSON.stringify(input)?.slice(0, 200)}.`,
  );
}

function runOptions({ signal, timeoutMs, onEvent, context }: CodeToolRunOptions): RunOptions {
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
