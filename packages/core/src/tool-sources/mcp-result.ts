import type { JsonValue } from '../run-result.ts';
import { type ToolAnnotations, ToolError, ToolImage } from './tool.ts';

/** What an MCP tool returns. */
interface McpResult {
  content: McpContent[];
  structuredContent?: unknown;
  isError?: boolean;
}

type McpContent = {
  type: string;
  text?: string;
  data?: string;
  mimeType?: string;
  resource?: { text?: string; blob?: string };
};

const RESULT_KEYS = ['content', 'structuredContent', 'isError', '_meta'];
const CONTENT_TYPES = ['text', 'image', 'audio', 'resource', 'resource_link'];

/**
 * The data in an MCP result: its structured content, else its parts (one part alone, several as a list): text, as data
 * when it is a JSON object or list; images; bytes of other media. Anything else is returned as it is.
 * @throws ToolError when the result says that the tool failed
 */
export function unwrapMcpResult(result: unknown): unknown {
  if (!isMcpResult(result)) return result;
  const { content, structuredContent, isError } = result;
  if (isError) {
    const message = content.flatMap(({ text }) => text ?? []).join('\n') || 'The tool failed.';
    throw new ToolError(message, structuredContent as JsonValue | undefined);
  }
  if (structuredContent !== undefined && structuredContent !== null) return structuredContent;
  const parts = content.map(partOf);
  return parts.length > 1 ? parts : (parts[0] ?? null);
}

function isMcpResult(result: unknown): result is McpResult {
  if (typeof result !== 'object' || result === null) return false;
  const { content } = result as McpResult;
  return (
    Array.isArray(content) &&
    Object.keys(result).every((key) => RESULT_KEYS.includes(key)) &&
    content.every((part) => CONTENT_TYPES.includes(part?.type))
  );
}

function partOf(part: McpContent): unknown {
  const { type, data = '', mimeType = '', resource } = part;
  const text = part.text ?? resource?.text;
  if (text !== undefined) return parsed(text);
  if (type === 'image') return new ToolImage(Buffer.from(data, 'base64'), mimeType);
  if (type === 'audio' || resource?.blob !== undefined) return Buffer.from(resource?.blob ?? data, 'base64');
  return part;
}

/** Only what cannot be meant as text: `"42"` stays a string. */
function parsed(text: string): unknown {
  if (!/^\s*[[{]/u.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A tool's annotations, from MCP's hints. */
export function fromMcpAnnotations(annotations: unknown): ToolAnnotations {
  const hints = Object(annotations) as Record<string, unknown>;
  const given = HINTS.filter((name) => typeof hints[`${name}Hint`] === 'boolean');
  return Object.fromEntries(given.map((name) => [name, hints[`${name}Hint`]]));
}

const HINTS = ['readOnly', 'destructive', 'idempotent', 'openWorld'];
