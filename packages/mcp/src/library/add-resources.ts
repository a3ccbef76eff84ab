import { type ListResourcesResult, ProtocolError, ResourceTemplate } from '@modelcontextprotocol/server';
import type { Connection } from '../connection.ts';
import { libraryUri, nameIn } from './library-uri.ts';
import { artifactText, isText, readArtifact } from './read-artifact.ts';

/** Code of the protocol for a resource that is not there or cannot be read. */
const INVALID_PARAMS = -32602;

/** Artifacts and workflows as resources. */
export function addResources({ server, host }: Connection): void {
  const { artifacts, workflows } = host.codeMode.session;
  const artifactNames = async (start: string) => (await artifacts.list(start)).map(({ name }) => name);
  const listArtifacts = async (): Promise<ListResourcesResult> => ({
    resources: (await artifacts.list()).map(({ name, description, mimeType, size }) => ({
      uri: libraryUri('artifacts', name),
      name,
      mimeType,
      size,
      ...(description !== '' && { description }),
    })),
  });
  server.registerResource(
    'artifact',
    new ResourceTemplate('code-mode://artifacts/{+name}', { list: listArtifacts, complete: { name: artifactNames } }),
    { title: 'Artifact', description: 'Data that was saved with artifacts.save("name", data).' },
    async (uri) => {
      const read = await readArtifact(artifacts, nameIn(uri)).catch(notReadable);
      if (typeof read === 'string') throw new ProtocolError(INVALID_PARAMS, read);
      const { entry, bytes } = read;
      const about = { uri: uri.href, mimeType: entry.mimeType };
      return {
        contents: [
          isText(entry) ? { ...about, text: artifactText(bytes) } : { ...about, blob: bytes.toString('base64') },
        ],
      };
    },
  );
  const listWorkflows = async (): Promise<ListResourcesResult> => ({
    resources: (await workflows.list()).map(({ name, description }) => ({
      uri: libraryUri('workflows', name),
      name,
      description,
      mimeType: 'text/x-python',
    })),
  });
  const workflowNames = async (start: string) =>
    (await workflows.list()).map(({ name }) => name).filter((name) => name.startsWith(start));
  server.registerResource(
    'workflow',
    new ResourceTemplate('code-mode://workflows/{name}', { list: listWorkflows, complete: { name: workflowNames } }),
    { title: 'Workflow', description: 'The source of a saved workflow.', mimeType: 'text/x-python' },
    async (uri) => {
      const name = nameIn(uri);
      const found = await workflows.get(name).catch(notReadable);
      if (found === undefined || typeof found === 'string')
        throw new ProtocolError(INVALID_PARAMS, found ?? `There is no workflow ${JSON.stringify(name)}.`);
      return { contents: [{ uri: uri.href, mimeType: 'text/x-python', text: found.source }] };
    },
  );
}

/** The sentence of what went wrong: the name is the client's. */
function notReadable(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
