import type { ResultImage } from '@code-mode/core';
import type { CallToolResult } from '@modelcontextprotocol/server';

/** A reply whose text is JSON, for clients that do not read structured content. */
export function jsonReply(data: unknown, structured: Record<string, unknown>): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(data) }], structuredContent: structured };
}

/** The same fields as JSON for whoever reads text, and as structured content. */
export function fieldsReply(fields: Record<string, unknown>): CallToolResult {
  return jsonReply(fields, fields);
}

/** A reply that says what did not work. */
export function errorReply(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}

export function imageBlocks(images: readonly ResultImage[]): CallToolResult['content'] {
  return images.map(({ mediaType, data }) => ({ type: 'image', data, mimeType: mediaType }));
}
