import { randomUUID } from 'node:crypto';
import {
  type ApprovalDecision,
  createCodeTool,
  type ResultImage,
  type RunResult,
  type SessionEvent,
} from '@code-mode/core';
import type { InputRequiredResult, ServerContext } from '@modelcontextprotocol/server';
import { askForApproval, canAsk, decisionsOf, type PausedCall, refusals } from './approvals.ts';
import type { Client } from './clients.ts';
import type { Connection } from './connection.ts';
import { OutputProgress } from './output-progress.ts';

export interface RunCodeOptions {
  client: Client;
  /** The session of the client. */
  session: string;
  code: string;
  /** In ms. @defaultValue `limits.timeoutMs` */
  timeoutMs?: number | undefined;
  onEvent?: (event: SessionEvent) => void;
}

/** What is asked of the client before its call can go on, or what the run came to. */
export type CodeOutcome = { question: InputRequiredResult } | CodeResult;

export interface CodeResult {
  question?: undefined;
  result: RunResult;
  /** For the model. */
  text: string;
  images: ResultImage[];
}

/** How long a run waits for a client that does not come back with a decision. */
const KEEP_PAUSED_MS = 15 * 60_000;

/**
 * Runs code in a session of the client, with its output as progress. A run that needs approval pauses: what is returned
 * then asks the client, which calls again; without somebody to ask the call is denied, and says why.
 */
export async function runCode(
  { client, session, code, timeoutMs, onEvent }: RunCodeOptions,
  connection: Connection,
  ctx: ServerContext,
): Promise<CodeOutcome> {
  await connection.host.ready();
  const tool = createCodeTool<{ key: string }>(client.sessions, {
    sessionKey: ({ key }) => key,
    keepPausedMs: KEEP_PAUSED_MS,
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
  const paused = ctx.mcpReq.requestState<PausedCall>();
  const callId = paused?.callId ?? randomUUID();
  const call = { key: client.key(session) };
  const { signal } = ctx.mcpReq;
  let decisions: ApprovalDecision[] | undefined = paused && decisionsOf(paused, ctx.mcpReq.inputResponses);
  using progress = new OutputProgress(ctx);
  const told = (event: SessionEvent) => {
    progress.add(event);
    onEvent?.(event);
  };
  for (;;) {
    const turn = connection.turns.begin(call.key);
    try {
      const outcome = await tool.step({ code }, { callId, call, decisions, signal, turn, onEvent: told });
      await progress.sent();
      if (outcome.status !== 'approval-required') {
        const content = tool.toContent(outcome, (image) => image);
        const [, ...images] = typeof content === 'string' ? [content] : content;
        return { result: outcome, text: tool.toText(outcome), images };
      }
      if (canAsk(connection, ctx)) {
        // An older client's whole exchange is this one request; a newer one comes back with another.
        if (connection.era === 'legacy') onAbort(signal, () => client.session(session).getRun(outcome.runId)?.abort());
        const question = await askForApproval({ callId, sessionId: client.id, requests: outcome.requests }, ctx);
        return { question };
      }
      decisions = refusals(outcome.requests);
    } finally {
      connection.turns.end(call.key);
    }
  }
}

function onAbort(signal: AbortSignal, stop: () => void): void {
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
}
