import { createCodeTool, type Session, SessionPool, type SessionPoolOptions } from '@code-mode/core';
import { createRunCodeTool, type RunCodeTool, type RunCodeToolOptions } from './create-run-code-tool.ts';

export interface CreateCodeModeOptions extends SessionPoolOptions, RunCodeToolOptions {}

export interface CodeMode extends AsyncDisposable {
  /** For `tools` of an `Agent`. */
  tools: { runCode: RunCodeTool };
  /** A few sentences for the agent's instructions. */
  instructions: string;
  /** For host code: the same tools and storage, in a session that no conversation gets. */
  session: Session;
  /** The sessions of the conversations. */
  sessions: SessionPool;
  /** Ends Python. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Makes the `runCode` tool and a session for each conversation. It returns at once, because a session starts Python on
 * first use.
 * @throws CodeModeError `invalid_options`
 */
export function createCodeMode(options: CreateCodeModeOptions = {}): CodeMode {
  const sessions = new SessionPool(options);
  const close = () => sessions.close();
  return {
    tools: { runCode: createRunCodeTool(sessions, options) },
    instructions: createCodeTool(sessions).instructions,
    session: sessions.session,
    sessions,
    close,
    [Symbol.asyncDispose]: close,
  };
}
