import type { ArtifactEntry, SessionArtifacts } from '@code-mode/core';

/** A message of the protocol has limits, and it is held in memory. */
const MAX_BYTES = 8 * 1024 * 1024;

/** The bytes of an artifact, or why they do not go into a message. @throws CodeModeError `artifact_not_found` */
export async function readArtifact(
  artifacts: SessionArtifacts,
  name: string,
): Promise<{ entry: ArtifactEntry; bytes: Buffer } | string> {
  await using artifact = await artifacts.open(name);
  const { entry } = artifact;
  if (entry.size > MAX_BYTES)
    return `${name} has ${entry.size} bytes, and ${MAX_BYTES} fit into a message. Load it in run_code and show a part of it.`;
  const chunks: Uint8Array[] = [];
  for await (const chunk of artifact.body) chunks.push(chunk);
  return { entry, bytes: Buffer.concat(chunks) };
}

/** Whether its bytes are to be read as text. */
export function isText({ type, mimeType }: ArtifactEntry): boolean {
  return ['text', 'json', 'dataframe'].includes(type) || mimeType.startsWith('text/');
}

export function artifactText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
