import type { ApprovalDecision } from '@code-mode/core';
import type { RunCodeSuspension } from '@code-mode/mastra';
import { say } from './say.ts';
import { clerkApproves } from './shop.ts';

/** Stands for a person who looks at each request. */
export function askClerk({ requests }: RunCodeSuspension): ApprovalDecision[] {
  return requests.map(({ requestId, toolName, arguments: args }) => {
    const approved = toolName === 'refund' && typeof args.euro === 'number' && clerkApproves(args.euro);
    say('clerk', `${approved ? 'yes' : 'no '}  ${toolName} ${JSON.stringify(args)}`);
    return approved ? { requestId, approved } : { requestId, approved, message: 'too high' };
  });
}
