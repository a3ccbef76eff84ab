import type { SessionEvent } from '@code-mode/core';
import type { McpServer } from '@modelcontextprotocol/server';
import type { McpHost } from '../mcp-host.ts';
import { libraryUri } from './library-uri.ts';

/** Who tells clients of changes. */
export interface Notices {
  /** Something came or went. */
  listChanged(): void;
  updated(uri: string): void;
}

/** Tells of every save and deletion of artifacts and workflows. Returns how to stop. */
export function tellChanges(host: McpHost, notices: Notices): () => void {
  return host.onEvent((event) => {
    const uri = changedUri(event);
    if (uri === undefined) return;
    notices.listChanged();
    notices.updated(uri);
  });
}

/** Notices over a connection of its own. An older client is told of the resources that it has subscribed to. */
export function connectionNotices(server: McpServer, era: 'legacy' | 'modern'): Notices {
  const subscribed = new Set<string>();
  if (era === 'legacy') {
    server.server.setRequestHandler('resources/subscribe', ({ params }) => {
      subscribed.add(params.uri);
      return {};
    });
    server.server.setRequestHandler('resources/unsubscribe', ({ params }) => {
      subscribed.delete(params.uri);
      return {};
    });
  }
  return {
    listChanged: () => {
      if (server.isConnected()) server.sendResourceListChanged();
    },
    updated: (uri) => {
      if (!server.isConnected() || (era === 'legacy' && !subscribed.has(uri))) return;
      // A client that is about to go needs no notice.
      server.server.sendResourceUpdated({ uri }).catch(() => {});
    },
  };
}

function changedUri(event: SessionEvent): string | undefined {
  switch (event.type) {
    case 'artifact-save':
      return libraryUri('artifacts', event.artifact.name);
    case 'artifact-delete':
      return libraryUri('artifacts', event.name);
    case 'workflow-save':
    case 'workflow-delete':
      return libraryUri('workflows', event.name);
    default:
      return undefined;
  }
}
