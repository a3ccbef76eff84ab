import { statSync } from 'node:fs';
import { lstat, readdir, readFile, rmdir, unlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { type ContainerEngine, reasonOf, startFailed } from './engine.ts';

const SOCKET = 'code-mode.socket';
const FOLDER = 'code-mode.folder';
/** Beside the socket of a container's host: which Linux it listens in. */
const MARK = 'container';
/** For an engine that takes the seccomp profile as a file. */
export const PROFILE = 'seccomp.json';

/** How a container says whose it is: by the socket of its host, and the folder in which that host's sockets lie. */
export function ownerLabels(socket: string): Record<string, string> {
  return { [SOCKET]: socket, [FOLDER]: identityOf(folderOf(socket)) };
}

/** Lets the folder of this socket be found when its host is killed. */
export async function markFolder(socket: string): Promise<void> {
  await writeFile(join(dirname(socket), MARK), await bootId());
}

/**
 * Removes containers whose host is gone: nobody listens at its socket. Only those are judged whose sockets lie where
 * `socket` does, because the same path may mean another place to somebody else. Then removes the folders of such sockets.
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
  await removeFolders(folderOf(socket));
}

/** Most containers go with their host by themselves, and leave no label behind that could name its folder. */
async function removeFolders(parent: string): Promise<void> {
  const names = (await readdir(parent)).filter((name) => name.startsWith('code-mode-'));
  for (const name of names) {
    const folder = join(parent, name);
    try {
      const found = await readdir(folder);
      if ((await lstat(folder)).uid !== process.getuid?.() || !found.every((file) => LEFT.includes(file))) continue;
      if ((await readFile(join(folder, MARK), 'utf8')) !== (await bootId())) continue;
      if (await listens(join(folder, 'socket'))) continue;
      for (const file of found) await unlink(join(folder, file));
      await rmdir(folder);
    } catch {
      // Somebody else is removing it, or may.
    }
  }
}

/** What may be in such a folder, and no more. */
const LEFT = [MARK, PROFILE, 'socket'];

/** The same in every container of this machine, and in nothing else that could share its files. */
function bootId(): Promise<string> {
  return readFile('/proc/sys/kernel/random/boot_id', 'utf8');
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
