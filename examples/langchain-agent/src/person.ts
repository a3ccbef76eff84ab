import type { HITLRequest, HITLResponse } from 'langchain';
import { say } from './say.ts';

/** Stands for whoever sits at the screen: it approves what is small and gives a reason for what it does not. */
export function askPerson({ actionRequests }: HITLRequest): HITLResponse {
  for (const { description = '' } of actionRequests) say('asked', description);
  const decisions = actionRequests.map(({ args }): HITLResponse['decisions'][number] =>
    args.euros <= 5_000
      ? { type: 'approve' }
      : { type: 'reject', message: 'Above 5,000 euros two people have to sign. Leave it open.' },
  );
  for (const decision of decisions) say('person', decision.type === 'reject' ? `No. ${decision.message}` : 'Yes.');
  return { decisions };
}
