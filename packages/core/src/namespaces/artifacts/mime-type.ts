import type { ArtifactType } from './artifact-entry.ts';

/**
 * The MIME type of an artifact, from its type and first bytes; the name chooses only among inert kinds of text. So no
 * artifact claims to be a picture that it is not, and none is HTML, SVG or a script, which a browser would run.
 */
export function mimeTypeOf(type: ArtifactType, name: string, head: Uint8Array): string {
  if (type === 'text' || type === 'json' || type === 'dataframe') return guessedMimeType(type, name);
  return (
    SIGNATURES.find(({ bytes, at = 0 }) => bytes.every((byte, index) => head[at + index] === byte))?.mimeType ?? BINARY
  );
}

/** When nothing of the content is known. */
export function guessedMimeType(type: ArtifactType, name: string): string {
  if (type === 'json' || type === 'dataframe') return 'application/json';
  if (type !== 'text') return BINARY;
  const ending = /\.(csv|md)$/i.exec(name)?.[1]?.toLowerCase();
  return `text/${ending === 'csv' ? 'csv' : ending === 'md' ? 'markdown' : 'plain'}; charset=utf-8`;
}

/** How many first bytes tell. */
export const SIGNATURE_BYTES = 12;

const BINARY = 'application/octet-stream';
const ascii = (text: string) => [...Buffer.from(text, 'latin1')];

const SIGNATURES: { mimeType: string; bytes: number[]; at?: number }[] = [
  { mimeType: 'image/png', bytes: ascii('\x89PNG\r\n\x1a\n') },
  { mimeType: 'image/jpeg', bytes: ascii('\xff\xd8\xff') },
  { mimeType: 'image/gif', bytes: ascii('GIF8') },
  { mimeType: 'image/webp', bytes: ascii('WEBP'), at: 8 },
  { mimeType: 'image/tiff', bytes: ascii('II*\0') },
  { mimeType: 'image/tiff', bytes: ascii('MM\0*') },
  { mimeType: 'application/pdf', bytes: ascii('%PDF-') },
  { mimeType: 'application/zip', bytes: ascii('PK\x03\x04') },
  { mimeType: 'application/gzip', bytes: ascii('\x1f\x8b') },
];
