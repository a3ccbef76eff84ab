import { type CodeToolOptions, createCodeTool } from './code-tool.ts';
import { createExtraTools, type ExtraTool, type ExtraToolName } from './extra-tools.ts';
import type { Session } from './session.ts';
import { SessionPool, type SessionPoolOptions } from './session-pool.ts';
import type { SessionOrPool } from './sessions.ts';
import { knownNow } from './tool-sources/tool-set-source.ts';

/** What `createCodeMode` of every adapter takes. */
export interface CodeModeOptions<Call> extends SessionPoolOptions, CodeToolOptions<Call> {
  /** Tools beside `runCode` for small models: `searchWorkflows`, `listArtifacts`, `resetSession`. @defaultValue none */
  extraTools?: boolean | readonly ExtraToolName[];
}

/** What `createCodeMode` of every adapter gives beside its tools. */
export interface OpenCodeMode extends AsyncDisposable {
  /** A few sentences for the agent's instructions. */
  instructions: string;
  /** For host code: same tools, same storage. No conversation has it, unless there is only one. */
  session: Session;
  /** The sessions of the conversations. */
  sessions: SessionPool;
  /** Ends Python. Safe to call twice. */
  close(): Promise<void>;
}

/** What an adapter makes its framework's tools of. */
export interface CodeModeParts<Call> {
  codeMode: OpenCodeMode;
  /** For `runCode`: a pool when calls have a session key, else the one session. */
  sessions: SessionOrPool;
  extraTools: ExtraTool<Call>[];
}

/** @throws CodeModeError `invalid_options` */
export function openCodeMode<Call>(options: CodeModeOptions<Call>): CodeModeParts<Call> {
  const pool = new SessionPool({ ...options, tools: [...(options.tools ?? [])].flatMap(knownNow) });
  const sessions = options.sessionKey ? pool : pool.session;
  const close = () => pool.close();
  const { instructions } = createCodeTool(pool);
  return {
    codeMode: { instructions, session: pool.session, sessions: pool, close, [Symbol.asyncDispose]: close },
    sessions,
    extraTools: createExtraTools<Call>(sessions, options.extraTools ?? false, options),
  };
}
