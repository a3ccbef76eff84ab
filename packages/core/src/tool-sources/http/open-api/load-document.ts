import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { oneLine } from '../../../prompts/plain-text.ts';
import { isSchema } from '../../schema-shape.ts';
import { readBody } from '../read-body.ts';

/** An OpenAPI document as it was written, of any version. */
export interface LoadedDocument {
  document: Record<string, unknown>;
  /** Where it came from, when servers in it may be relative to that. */
  url: string | undefined;
}

/**
 * Gets a document: the object itself, a file's or a URL's. Nothing that it refers to is loaded.
 * @param folder what the path of a file starts from
 * @throws DocumentError
 */
export async function loadDocument(
  given: string | Record<string, unknown>,
  { folder, timeoutMs }: { folder: string; timeoutMs: number },
): Promise<LoadedDocument> {
  // Upgrading writes into the document, and another source may have been given the same.
  if (typeof given !== 'string') return { document: checked(structuredClone(given)), url: undefined };
  const isUrl = /^https?:\/\//iu.test(given);
  const text = isUrl ? await fetchText(given, timeoutMs) : await readText(resolve(folder, given));
  return { document: checked(parsed(text)), url: isUrl ? given : undefined };
}

/** Why a document cannot be used. The URL is not in it: it may hold a secret. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
}

/** GitHub's has 12 MB. */
const maxDocumentBytes = 64 * 1024 * 1024;

async function fetchText(url: string, timeoutMs: number): Promise<string> {
  let response: Response;
  let body: Awaited<ReturnType<typeof readBody>>;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), headers: { accept: '*/*' } });
    body = await readBody(response, maxDocumentBytes);
  } catch (cause) {
    throw new DocumentError('The document cannot be fetched; check its URL and that the server is up.', { cause });
  }
  if (!response.ok) {
    throw new DocumentError(
      `The server answered ${response.status} for the document; check its URL, or pass the document itself.`,
    );
  }
  if (body.isCut) throw new DocumentError(`The document has more than ${maxDocumentBytes} bytes.`);
  return body.bytes.toString();
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new DocumentError(`The document ${file} cannot be read (${(cause as { code?: string }).code ?? cause}).`, {
      cause,
    });
  }
}

function parsed(text: string): unknown {
  try {
    // JSON is YAML too, but takes many times as long to read as YAML.
    return /^\s*\{/u.test(text) ? JSON.parse(text) : parse(text);
  } catch (cause) {
    const message = cause instanceof Error ? oneLine(cause.message.split('\n')[0] ?? '', 200) : '';
    throw new DocumentError(`The document is neither JSON nor YAML: ${message}`, { cause });
  }
}

function checked(document: unknown): Record<string, unknown> {
  if (isSchema(document)) {
    const { openapi, swagger } = document;
    if (String(openapi).startsWith('3.') || String(swagger).startsWith('2.')) return document;
  }
  throw new DocumentError('The document says neither `openapi: 3.…` nor `swagger: "2.0"`.');
}
