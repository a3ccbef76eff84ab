import { pythonPath } from '../tool-sources/python-names.ts';
import { safeSlice } from './plain-text.ts';
import { pythonLiteral } from './python-literal.ts';
import { visibleLine } from './visible-text.ts';

/** What of an approval request is told to a person. */
export interface DescribedRequest {
  toolName: string;
  arguments: { [key: string]: unknown };
  /** `run` when the whole code is asked about. @defaultValue a call */
  kind?: string;
  /** @defaultValue `tools` */
  namespace?: string;
  line?: number;
  reason?: string;
}

/** Longest argument that is written out, in characters. */
const MAX_CHARS = 2_000;

/** The call that waits for approval, in a line: `tools.pay(amount=7) in line 2`. */
export function describeRequest(request: DescribedRequest): string {
  const { line, reason } = request;
  const where = line === undefined ? '' : ` in line ${line}`;
  return `${request.kind === 'run' ? 'this code' : callOf(request)}${where}${reason === undefined ? '' : ` (${visibleLine(reason)})`}`;
}

function callOf({ toolName, arguments: args, namespace = 'tools' }: DescribedRequest): string {
  const name = namespace === 'tools' ? `tools.${pythonPath(toolName)}` : visibleLine(toolName);
  return `${name}(${Object.entries(args)
    .map(([key, value]) => `${visibleLine(key)}=${whole(pythonLiteral(value))}`)
    .join(', ')})`;
}

/** Whoever approves must see that there is more. */
function whole(text: string): string {
  if (text.length <= MAX_CHARS) return text;
  const start = safeSlice(text, 0, MAX_CHARS);
  return `${start}[… ${(text.length - start.length).toLocaleString('en-US')} more characters]`;
}
