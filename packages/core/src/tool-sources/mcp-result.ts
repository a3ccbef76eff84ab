import type { JsonValue } from '../run-result.ts';
import { type ToolAnnotations, ToolError, ToolImage } from './tool.ts';

/** What an MCP tool returns. */
export interface McpResult {
  content: McpContent[];
  structuredContent?: unknown;
  isError?: boolean;
}

type McpContent = {
  type: string;
  text?: string;
  data?: string;
  mimeType?: string;
  resource?: { text?: string; blob?: string; mimeType?: string };
};

const RESULT_KEYS = ['content', 'structuredContent', 'isError', '_meta'];
const CONTENT_TYPES = ['text', 'image', 'audio', 'resource', 'resource_link'];

/** As `mcpValue`, for what may be an MCP result; anything else is returned as it is. */
export function unwrapMcpResult(result: unknown): unknown {
  return isMcpResult(result) ? mcpValue(result) : result;
}

/**
 * The data in an MCP result: its structured content, else its parts, one alone or several as a list. Text is a string,
 * or data when it is a JSON object or list; an image is a `ToolImage`; every other part is as MCP has it, with bytes for
 * base64. Parts that are not text come with structured content too: as its `_content`.
 * @throws ToolError when the result says that the tool failed
 */
export function mcpValue({ content, structuredContent, isError }: McpResult): unknown {
  if (isError) {
    const message = content.flatMap(({ text }) => text ?? []).join('\n') || 'The tool failed.';
    throw new ToolError(message, structuredContent as JsonValue | undefined);
  }
  const structured = structuredContent ?? undefined;
  if (structured === undefined) {
    const parts = content.map(partOf);
    return parts.length > 1 ? parts : (parts[0] ?? null);
  }
  // Its text says the same again, for clients that read text only.
  const media = content.filter(({ type }) => type !== 'text').map(partOf);
  if (media.length === 0) return structured;
  const isObject = typeof structured === 'object' && !Array.isArray(structured);
  return isObject ? { ...structured, _content: media } : [structured, ...media];
}

/** Content as MCP has it, of text or of a block as chat models have it: with `image_url`, `mime_type`. */
export function toMcpContent(given: string | { type: string; [key: string]: unknown }): McpContent {
  const block = typeof given === 'string' ? { type: 'text', text: given } : given;
  const { mime_type, mimeType = mime_type, image_url } = block;
  const url = String(Reflect.get(Object(image_url), 'url') ?? image_url);
  const [, urlType, data] = /^data:([^;,]+);base64,(.*)$/su.exec(url) ?? [];
  if (urlType !== undefined && data !== undefined) return { type: 'image', mimeType: urlType, data };
  const isMedia = ['image', 'audio'].includes(block.type) && typeof block.data === 'string';
  if (isMedia) return { type: block.type, data: String(block.data), ...(typeof mimeType === 'string' && { mimeType }) };
  const text = block.type === 'text' && typeof block.text === 'string' ? block.text : JSON.stringify(block);
  return { type: 'text', text };
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
  const { type, text, data, mimeType, resource } = part;
  if (type === 'text' && text !== undefined) return parsed(text);
  if (type === 'image' && data !== undefined) return image(data, mimeType);
  if (type === 'audio' && data !== undefined) return { ...part, data: Buffer.from(data, 'base64') };
  if (resource?.blob === undefined) return part;
  const blob = resource.mimeType?.startsWith('image/')
    ? image(resource.blob, resource.mimeType)
    : Buffer.from(resource.blob, 'base64');
  return { ...part, resource: { ...resource, blob } };
}

function image(data: string, mimeType = ''): ToolImage {
  return new ToolImage(Buffer.from(data, 'base64'), mimeType);
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

/** A tool's annotations, from MCP's. */
export function fromMcpAnnotations(annotations: unknown): ToolAnnotations {
  const hints = Object(annotations) as Record<string, unknown>;
  const given = HINTS.filter((name) => typeof hints[`${name}Hint`] === 'boolean');
  return {
    ...(typeof hints.title === 'string' && { title: hints.title }),
    ...Object.fromEntries(given.map((name) => [name, hints[`${name}Hint`]])),
  };
}

const HINTS = ['readOnly', 'destructive', 'idempotent', 'openWorld'];
