import { fromJsonText } from '../../namespaces/artifacts/json-form.ts';
import { oneLine } from '../../prompts/plain-text.ts';
import { ToolError } from '../tool.ts';
import { type Connection, hideSecrets } from './connection.ts';
import type { Endpoint } from './endpoint.ts';
import type { HttpResponse } from './send-request.ts';

/**
 * What Python gets of a response: data, text or bytes; None for an empty one. HEAD gives its status and headers.
 * @param form absent: what the content type says
 * @throws ToolError when JSON is wanted and something else came
 */
export function decodeResponse(response: HttpResponse, form: Endpoint['response'], connection: Connection): unknown {
  const { method, status, headers, body } = response;
  if (method === 'HEAD') return { status, headers: Object.fromEntries([...headers].filter(isNoCookie)) };
  const contentType = (headers.get('content-type') ?? '').toLowerCase();
  const wanted = form ?? formOf(contentType);
  if (body.length === 0 && (form === undefined || form === 'json')) return null;
  if (wanted === 'bytes') return body;
  const text = decodeText(body, contentType);
  return wanted === 'text' ? text : parse(text, response, contentType, connection);
}

function formOf(contentType: string): 'json' | 'text' | 'bytes' {
  const type = contentType.split(';')[0]?.trim() ?? '';
  if (/^application\/(?:[\w.-]+\+)?json$/u.test(type)) return 'json';
  const isText = /^text\/|[/+](?:xml|yaml|x-yaml|javascript|x-ndjson|x-www-form-urlencoded)$/u.test(type);
  return isText || type === '' ? 'text' : 'bytes';
}

function decodeText(body: Buffer, contentType: string): string {
  const charset = /charset="?([^";\s]+)/u.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    // A charset nobody knows.
    return new TextDecoder().decode(body);
  }
}

function parse(text: string, { label }: HttpResponse, contentType: string, connection: Connection): unknown {
  try {
    return fromJsonText(text);
  } catch {
    const excerpt = oneLine(hideSecrets(text, connection.secrets), 200);
    throw new ToolError(`${label} answered ${contentType || 'something'} that is not JSON: ${excerpt}`);
  }
}

function isNoCookie([name]: [string, string]): boolean {
  return name !== 'set-cookie';
}
