import { ToolError } from '../tool.ts';
import type { CliDefinition } from './definition.ts';
import type { KeptOutput } from './kept-output.ts';

/**
 * What Python gets of a command's standard output.
 * - `text`: as it came; bytes that are no UTF-8 become `\ufffd`. Output over the limit ends with a line that says so.
 * - `lines`: the same without line ends
 * - `json`: data; None when nothing was printed
 * - `bytes`: exactly what came
 * @throws ToolError for what is no JSON, and for JSON and bytes over the limit, which a cut would falsify
 */
export function readOutput(parse: CliDefinition['parse'], tool: string, stdout: KeptOutput): unknown {
  if (parse === 'text') return stdout.text();
  if (parse === 'lines') return linesOf(stdout.text());
  if (stdout.isCut) {
    const kind = parse === 'json' ? 'JSON' : 'bytes';
    throw new ToolError(
      `${tool} printed ${stdout.totalBytes} bytes; no more than ${stdout.bytes().length} bytes of ${kind} are read. Ask for less.`,
    );
  }
  if (parse === 'bytes') return new Uint8Array(stdout.bytes());
  const text = stdout.text().replace(/^\ufeff/u, '');
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text, /\d{16}/.test(text) ? exactInteger : undefined);
  } catch (cause) {
    const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN).toWellFormed()}…` : text;
    throw new ToolError(`${tool} printed no JSON: ${shown.trim()}`, { exitCode: 0, stdout: text }, { cause });
  }
}

const MAX_SHOWN = 200;

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/u);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** An integer that a JavaScript number cannot hold arrives in Python all the same. */
function exactInteger(_key: string, value: unknown, { source = '' }: { source?: string } = {}): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value;
}
