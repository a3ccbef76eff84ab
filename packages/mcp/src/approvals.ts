import { type ApprovalDecision, type ApprovalRequest, describeRequest } from '@code-mode/core';
import { visibleLine, visibleText } from '@code-mode/core/prompts/visible-text';
import {
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequiredResult,
  inputRequired,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { type Connection, pausedCalls } from './connection.ts';

/** What a call that waits for an approval comes back with. */
export interface PausedCall {
  callId: string;
  /** The client that it belongs to. */
  sessionId: string;
  /** Those that were asked about. */
  requestIds: string[];
}

const ANSWER = z.object({
  approve: z.boolean().describe('Whether this may be done.'),
  remember: z.boolean().optional().describe('Do not ask again about the same call in this session.'),
});

/** Asks the client's user about each request; the client calls the tool again with the answers. */
export async function askForApproval(
  { callId, sessionId, requests }: { callId: string; sessionId: string; requests: ApprovalRequest[] },
  ctx: ServerContext,
): Promise<InputRequiredResult> {
  const ask = (request: ApprovalRequest) =>
    inputRequired.elicit({ message: questionOf(request), requestedSchema: ANSWER });
  const requestIds = requests.map(({ requestId }) => requestId);
  return inputRequired({
    inputRequests: Object.fromEntries(requests.map((request) => [request.requestId, ask(request)])),
    requestState: await pausedCalls.mint({ callId, sessionId, requestIds }, ctx),
  });
}

/** Whether the client can put a question to its user. */
export function canAsk({ server }: Connection, ctx: ServerContext): boolean {
  const envelope: Readonly<Record<string, unknown>> | undefined = ctx.mcpReq.envelope;
  const capabilities = envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? server.server.getClientCapabilities();
  const { elicitation } = (capabilities ?? {}) as { elicitation?: { form?: object; url?: object } };
  // An empty one means forms, as before there were kinds of them.
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

/** The answers that came back. One that is missing decides nothing, and is asked for again; one that is unclear denies. */
export function decisionsOf(
  { requestIds }: PausedCall,
  responses: Readonly<Record<string, unknown>> | undefined,
): ApprovalDecision[] {
  return requestIds.flatMap((requestId): ApprovalDecision[] => {
    const response = responses?.[requestId];
    if (typeof response !== 'object' || response === null) return [];
    const { action, content } = response as { action?: unknown; content?: unknown };
    const answer = ANSWER.safeParse(content);
    const approved = action === 'accept' && answer.success && answer.data.approve;
    if (!approved) return [{ requestId, approved, message: 'The user of the MCP client did not approve it.' }];
    return [{ requestId, approved, ...(answer.data.remember && { scope: 'session' as const }) }];
  });
}

/** Denies what nobody can be asked about. */
export function refusals(requests: readonly ApprovalRequest[]): ApprovalDecision[] {
  const message =
    'This needs approval, and this MCP client cannot ask for it (it has no elicitation). Allow it in the policy of the server, or use a client that can ask.';
  return requests.map(({ requestId }) => ({ requestId, approved: false, message }));
}

/** Whoever is asked must see all of it: what Python wrote may hide nothing. */
function questionOf(request: ApprovalRequest): string {
  const { kind, lineText, arguments: args } = request;
  if (kind === 'run') return `Python wants to run ${describeRequest(request)}:\n\n${visibleText(String(args.code))}`;
  const line = lineText === undefined ? '' : `\n\n${visibleLine(lineText.trim())}`;
  return `Python wants to call ${describeRequest(request)}.${line}`;
}
