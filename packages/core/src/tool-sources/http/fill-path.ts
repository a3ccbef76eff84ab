import { ToolError } from '../tool.ts';
import { placeholder } from './endpoint.ts';

/**
 * The path with its arguments in it, each percent-encoded, so that none reaches another place of the server than the
 * path says.
 * @throws ToolError for a value that is empty or leaves its place, such as `..`
 */
export function fillPath(path: string, values: ReadonlyMap<string, string>): string {
  const filled = path.replace(placeholder, (_, name: string) => {
    const value = values.get(name) ?? '';
    if (value === '') throw new ToolError(`${name} is part of the path ${path} and must not be empty.`);
    if (climbs(value)) {
      throw new ToolError(`${name} is part of the path ${path} and must not contain '.' or '..' between slashes.`);
    }
    return encodeURIComponent(value);
  });
  // Two values that stand side by side may make dots together.
  if (climbs(filled)) throw new ToolError(`The arguments make '.' or '..' in the path ${path}; pass other ones.`);
  return filled;
}

/** Also what a server, or a proxy before it, would find by decoding once more than it should. */
function climbs(text: string): boolean {
  let decoded = text;
  for (let round = 0; round < maxDecoding; round++) {
    if (decoded.split(/[/\\]/u).some((step) => /^\.\.?(?:;.*)?$/u.test(step.replace(ignored, '')))) return true;
    const next = decode(decoded);
    if (next === decoded) return false;
    decoded = next;
  }
  // Nobody encodes that often for a good reason.
  return true;
}

const maxDecoding = 5;
/** URL parsers drop tabs and line breaks. */
const ignored = /[\t\r\n\0]/gu;

function decode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/giu, (encoded) => Buffer.from(encoded.replaceAll('%', ''), 'hex').toString());
}
