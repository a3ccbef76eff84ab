import { CodeModeError } from './errors.ts';
import type { SessionEvent } from './events.ts';
import { checkPositive } from './limits.ts';
import { type Decisions, type PausedRun, PendingRuns, runNotFound } from './pending-runs.ts';
import { describeCodeTool } from './prompts/describe-code-tool.ts';
import { describeOutput } from './prompts/describe-output.ts';
import type { JsonValue, RunResult } from './run-result.ts';
import type { Session } from './session.ts';
import type { SessionKey } from './session-pool.ts';
import { type SessionOrPool, sessionsOf } from './sessions.ts';
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

/** `Call` is what the framework knows of a call of the tool. */
export interface CodeToolOptions<Call = unknown> {
  /** Time Python may compute in one call, in ms. @defaultValue `limits.timeoutMs` of the session */
  timeoutMs?: number;
  /** How long a paused run is kept for its decisions, in ms. @defaultValue 3_600_000 */
  keepPausedMs?: number;
  /** Names the conversation of a call, for a pool of sessions; a call without a name is refused. */
  sessionKey?(call: Call): SessionKey | undefined;
  /** Longest text the model gets for one run, in characters. @defaultValue 20_000 */
  maxResultChars?: number;
  /** Longest tool description, in tokens; beyond it stubs give way to names, then to search. @defaultValue 1_500 */
  tokenBudget?: number;
}

/** For a framework that can stop at a call of Python and come back to it. */
export interface InterruptOptions {
  /**
   * Whether a call that needs approval interrupts the framework, which asks for it in its own way. With `false`, and where
   * the framework could not come back, `onApproval` of the session is asked.
   * @defaultValue true; `false` in `createCodeMode` with `onApproval`
   */
  interrupt?: boolean;
}

/** How a framework's call of the tool is run. */
export interface CodeToolRunOptions<Call = unknown> {
  /** What the framework knows of this call. The tools that Python calls get its properties as their `runContext`. */
  call?: Call | undefined;
  /** Tools that come with this call; they replace those that the same source brought before. */
  tools?: { source: string; tools: Tool[] } | undefined;
  signal?: AbortSignal | undefined;
  /** What happens in this run, as it happens. */
  onEvent?: ((event: SessionEvent) => void) | undefined;
}

/** How a framework that asks for approvals itself runs a call of the tool. */
export interface CodeToolStepOptions<Call = unknown> extends CodeToolRunOptions<Call> {
  /** The framework's id of its call of the tool: the same when it comes back. */
  callId: string;
  /** Makes it a resume: what was decided on the requests that the run paused with. */
  decisions?: Decisions | undefined;
  /**
   * The same object for all calls that the model makes at once: while one of them waits, the others are refused. A call
   * of another turn ends what still waits, because the conversation has gone on without it.
   */
  turn?: object | undefined;
  /**
   * For a framework that asks before it executes. `ask` begins the run and keeps its result; `execute` never begins one,
   * and when the run pauses again, which the framework cannot ask about any more, leaves it to the model's next call with
   * the same code.
   * @defaultValue a framework that can suspend its call as often as needed
   */
  phase?: 'ask' | 'execute' | undefined;
}

/** The one tool every framework gets, in no framework's terms. Adapters wrap it and add nothing. */
export interface CodeTool<Call = unknown> {
  readonly name: 'runCode';
  readonly inputSchema: RunCodeSchema;
  /** A few sentences for the agent's system prompt: when to use the tool. */
  readonly instructions: string;
  /** What the model reads, with the tools known now. @param more tools that will come with the call */
  description(more?: Iterable<Tool>): string;
  /** Gives a framework's tool the description, always as it is when the model is asked. */
  describe<FrameworkTool extends object>(tool: FrameworkTool): FrameworkTool;
  /**
   * Runs to the end, approvals by the session's `onApproval`.
   * @throws CodeModeError `invalid_arguments`, `session_closed`, `session_key_missing`, `too_many_sessions`
   */
  execute(input: RunCodeInput, options?: CodeToolRunOptions<Call>): Promise<RunResult>;
  /**
   * Like `execute`, with what the program prints as it comes: yields snapshots, returns the result. Who stops listening
   * stops the run.
   */
  stream(input: RunCodeInput, options?: CodeToolRunOptions<Call>): AsyncGenerator<RunProgress, RunResult>;
  /**
   * Runs to the end or to the next approval, for a framework that asks by suspending: it comes back with the same
   * `callId` and with `decisions`, and Python goes on where it waits. Without decisions it gives the same pause again.
   * @throws CodeModeError as `execute`; `run_not_found` for decisions on a run that is gone; `decision_not_pending`
   */
  step(input: RunCodeInput, options: CodeToolStepOptions<Call>): Promise<RunResult | PausedRun>;
  /** Like `step`, with snapshots as `stream` has them. */
  streamStep(
    input: RunCodeInput,
    options: CodeToolStepOptions<Call>,
  ): AsyncGenerator<RunProgress, RunResult | PausedRun>;
  /** Whether a step has begun the run of this call, also when it has ended since: the code must not run again. */
  hasBegun(input: RunCodeInput, options: CodeToolStepOptions<Call>): boolean;
  /** The outcome as text for the model. */
  toText(output: RunCodeOutput): string;
  /** The outcome for the model: text alone, or text and what the framework has for each image. */
  toContent<Part>(
    output: RunCodeOutput,
    toPart: (image: ResultImage) => Part,
  ): string | [{ type: 'text'; text: string }, ...Part[]];
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
export function createCodeTool<Call = unknown>(
  given: SessionOrPool,
  options: CodeToolOptions<Call> = {},
): CodeTool<Call> {
  const { maxResultChars, tokenBudget, timeoutMs, keepPausedMs, sessionKey } = options;
  if (keepPausedMs !== undefined) checkPositive('keepPausedMs', keepPausedMs);
  const sessions = sessionsOf(given);
  const keyOf = (call: Call | undefined) => (call === undefined ? undefined : sessionKey?.(call));
  const begin = ({ call, tools }: CodeToolRunOptions<Call>, session = sessions.acquire(keyOf(call))) => {
    if (tools) session.tools.bind(tools.source, tools.tools);
    return session;
  };
  const end = <Outcome extends RunResult | PausedRun>(session: Session, outcome: Outcome): Outcome =>
    outcome.status !== 'approval-required' && sessions.takeLoss(session) ? { ...outcome, stateLost: true } : outcome;
  const execute = async (input: RunCodeInput, options: CodeToolRunOptions<Call> = {}) => {
    const { call, signal, onEvent } = options;
    const code = codeOf(input);
    const session = begin(options);
    const run = {
      context: call,
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(signal && { signal }),
      ...(onEvent && { onEvent }),
    };
    return end(session, await session.run(code, run));
  };
  const open = (input: RunCodeInput, options: CodeToolStepOptions<Call>) => {
    const { call, callId, decisions, phase } = options;
    const code = codeOf(input);
    // A new session could not have the run that is there already.
    const mustExist = decisions !== undefined || phase === 'execute';
    const found = mustExist ? sessions.find(keyOf(call)) : undefined;
    if (mustExist && !found) throw runNotFound(callId);
    const session = begin(options, found);
    const runs = PendingRuns.of(session);
    const step = { ...options, context: { ...call }, timeoutMs, keepPausedMs };
    const pending = runs.open(code, step);
    return {
      pending,
      next: async (signal = options.signal) => end(session, await runs.step(pending, { ...step, signal })),
    };
  };
  const description = (more: Iterable<Tool> = []) => {
    const { session } = sessions;
    // Nothing to tell of packages that Python may not change.
    const told = (name: string) => name !== 'deps' || session.deps.options.allowRuntime;
    const tools = new Map([...session.tools.loaded, ...more].map((tool) => [tool.name, tool]));
    const described = { namespaces: session.namespaces.filter(told), tools: { loaded: tools.values() } };
    return describeCodeTool(described, tokenBudget === undefined ? {} : { tokenBudget });
  };
  const toText = (output: RunCodeOutput) =>
    describeOutput(output, maxResultChars === undefined ? {} : { maxChars: maxResultChars });
  return {
    name: 'runCode',
    inputSchema: INPUT_SCHEMA,
    instructions: INSTRUCTIONS,
    description,
    describe: (tool) => Object.defineProperty(tool, 'description', { get: () => description(), enumerable: true }),
    execute,
    stream: (input, options) => streamRun((watched) => execute(input, { ...options, ...watched }), options),
    step: async (input, options) => await open(input, options).next(),
    async *streamStep(input, options) {
      const { pending, next } = open(input, options);
      return yield* streamRun(({ signal }) => next(signal), { signal: options.signal }, pending.watcher);
    },
    hasBegun: (input, { call, callId }) => {
      const session = sessions.find(keyOf(call));
      return session !== undefined && PendingRuns.of(session).hasBegun(callId, codeOf(input));
    },
    toText,
    toContent: (output, toPart) => {
      const text = toText(output);
      const images = 'displays' in output ? imagesOf(output) : [];
      return images.length === 0 ? text : [{ type: 'text', text }, ...images.map(toPart)];
    },
    toJson: (output) => JSON.parse(JSON.stringify(output)) as { [key: string]: JsonValue },
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

function imagesOf(result: RunResult): ResultImage[] {
  return result.displays.flatMap(({ data }) => {
    const mediaType = MODEL_IMAGES.find((type) => Object.hasOwn(data, type));
    return mediaType === undefined ? [] : [{ mediaType, data: data[mediaType] as string }];
  });
}
