import { isSchema } from '../../schema-shape.ts';
import type { JsonSchema } from '../../tool.ts';
import type { Additions } from '../connection.ts';
import { headerName } from '../connection-definition.ts';
import type { DocumentSchemas } from './document-schemas.ts';
import { OperationError } from './operation-error.ts';

/** The document's security schemes by name. */
export function securitySchemes(document: JsonSchema): JsonSchema {
  const components = isSchema(document.components) ? document.components : {};
  return isSchema(components.securitySchemes) ? components.securitySchemes : {};
}

/**
 * What authenticates an operation, of what the host gave: the first alternative of its `security` that is complete.
 * In a document that never says which schemes are needed, all that were given.
 */
export function credentialsFor(
  operation: JsonSchema,
  document: JsonSchema,
  schemas: DocumentSchemas,
  auth: Record<string, string>,
): Additions {
  const additions: Additions = { headers: {}, query: {} };
  const schemes = securitySchemes(document);
  for (const name of schemesOf(operation.security ?? document.security, auth)) {
    const value = auth[name];
    if (value === undefined || !Object.hasOwn(schemes, name)) continue;
    add(additions, schemas.resolve(schemes[name]), value);
  }
  return additions;
}

function schemesOf(security: unknown, auth: Record<string, string>): string[] {
  if (!Array.isArray(security)) return Object.keys(auth);
  const alternatives = security.filter(isSchema).map((alternative) => Object.keys(alternative));
  const complete = alternatives.filter((names) => names.every((name) => Object.hasOwn(auth, name)));
  // `{}` says that it also works without: that is the last choice.
  return complete.find((names) => names.length > 0) ?? [];
}

function add({ headers, query }: Additions, scheme: JsonSchema, value: string): void {
  if (scheme.type === 'apiKey') {
    const name = String(scheme.name);
    // The message of `Headers` would show the value.
    if (scheme.in !== 'query' && !headerName.test(name))
      throw new OperationError('its key has no name that can be sent');
    if (scheme.in === 'query') query[name] = value;
    else if (scheme.in === 'cookie') headers.cookie = [headers.cookie, `${name}=${value}`].filter(Boolean).join('; ');
    else headers[name] = value;
  } else if (scheme.type === 'http' && String(scheme.scheme).toLowerCase() === 'basic') {
    headers.authorization = `Basic ${Buffer.from(value).toString('base64')}`;
  } else {
    // Bearer, and the access tokens of OAuth 2 and OpenID Connect.
    headers.authorization = `Bearer ${value}`;
  }
}
