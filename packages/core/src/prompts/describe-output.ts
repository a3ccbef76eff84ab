import type { RunCodeOutput } from '../code-tool.ts';
import { describeRequest } from './describe-request.ts';
import { describeResult } from './describe-result.ts';
import { terminalText } from './terminal-text.ts';
import { visibleText } from './visible-text.ts';

/** What the model reads of a call of `runCode`, also of one that has no result. */
export function describeOutput(output: RunCodeOutput, options: { maxChars?: number } = {}): string {
  switch (output.status) {
    // Of a call that was cut off, a snapshot is all that is left.
    case 'running':
    case 'awaiting-approval':
      return `${printed(output)}[The run did not end.]`;
    case 'approval-required': {
      const requests = output.requests.map(describeRequest).join('; ');
      return `${printed(output)}[The run waits for approval: ${requests}. Call runCode again with exactly the same code: somebody is asked then, and the run goes on where it waits.]`;
    }
    default:
      return describeResult(output, options);
  }
}

function printed({ stdout, stderr }: { stdout: string; stderr: string }): string {
  return visibleText(terminalText(stdout) + terminalText(stderr));
}
