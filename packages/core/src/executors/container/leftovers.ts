import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { type ContainerEngine, reasonOf, startFailed } from './engine.ts';

const SOCKET = 'code-mode.socket';
const FOLDER = 'code-mode.folder';

/** How a container says whose it is: by the socket of its host, and the folder in which that host's sockets lie. */
export function ownerLabels(socket: string): Record<string, string> {
  return { [SOCKET]: socket, [FOLDER]: identityOf(folderOf(socket)) };
}

/**
 * Removes containers whose host is gone: nobody listens at its socket. Only those are judged whose sockets lie where
 * `socket` does, because the same path may mean another place to somebody else.
 * @throws CodeModeError `kernel_start_failed`
 */
export async function removeLeftovers(
  engine: ContainerEngine,
  socket: string,
  removed: (containerId: string) => void,
): Promise<void> {
  const here = identityOf(folderOf(socket));
  const filters = { label: [`${FOLDER}=${here}`] };
  const known = await engine.listContainers({ all: true, filters }).catch((error: unknown) => {
    throw startFailed(`The container engine could not list containers: ${reasonOf(error)}.`, error);
  });
  for (const { Id, Labels } of known) {
    if (await listens(Labels[SOCKET] ?? '')) continue;
    // Its host, or the engine, may be removing it at this moment.
    const done = await engine
      .getContainer(Id)
      .remove({ force: true, v: true })
      .then(
        () => true,
        () => false,
      );
    if (done) removed(Id);
  }
}

/** Whether somebody listens; in doubt, yes. */
function listens(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ENOENT' && error.code !== 'ECONNREFUSED');
    });
  });
}

/** Each host has a folder of its own for its socket; this is the one that these are in. */
function folderOf(socket: string): string {
  return dirname(dirname(socket));
}

function identityOf(folder: string): string {
  const { dev, ino } = statSync(folder, { bigint: true });
  return `${dev}:${ino}`;
}
