import type { ToolContext } from './tool.ts';

/** The id that a framework gets of a call that Python makes. @param outerId the framework's id of the `runCode` call */
export function nestedCallId(
  { sessionId, runId = sessionId, callId = 0 }: ToolContext,
  outerId: string = runId,
): string {
  return `${outerId}:${callId}`;
}
