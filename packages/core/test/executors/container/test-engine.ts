import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdtempSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Docker from 'dockerode';
import { findOnPath, findPython } from '../../../src/executors/subprocess/find-python.ts';

const makeImage = fileURLToPath(new URL('make_image.py', import.meta.url));

/** Starts it and, whatever ends the test run, ends it and takes its folder away. */
const GUARD = `
exec 3<&0
dockerd --data-root "$1/data" --exec-root "$1/exec" --pidfile "$1/pid" --host "unix://$1/socket" \
  --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false --bridge=none </dev/null &
engine=$!
{ cat <&3; kill $engine; } >/dev/null 2>&1 &
wait $engine
# One that was stopped while it started leaves them.
umount -l "$1/data" "$1/exec/netns/"* 2>/dev/null
rm -rf "$1"
`;

/** A container engine for tests, with an image that has this machine's Python. */
export interface TestEngine {
  docker: Docker;
  image: string;
  /** Whether its containers allow namespaces inside; with AppArmor they do not. */
  nests: boolean;
  /** How a process of its own finds it. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

/** The engine of this machine, or one of our own; undefined, and the reason printed, where there can be none. */
export async function openTestEngine(): Promise<TestEngine | undefined> {
  try {
    if (process.platform !== 'linux') throw new Error('the executor needs Linux');
    return (await reachableEngine()) ?? (await ownEngine());
  } catch (error) {
    console.log(`[container] skipped, there is no container engine: ${(error as Error).message}`);
    return undefined;
  }
}

/** The same engine, which says that it has AppArmor. */
export function withAppArmor(docker: Docker): Docker {
  const info = async () => {
    const said = await docker.info();
    return { ...said, SecurityOptions: [...(said.SecurityOptions ?? []), 'name=apparmor'] };
  };
  return Object.create(docker, { info: { value: info } }) as Docker;
}

/** Resolves when the engine has removed a container. */
export async function untilRemoved({ docker }: TestEngine, containerId: string): Promise<void> {
  const waiting = docker.getContainer(containerId).wait({ condition: 'removed' });
  await waiting.catch((error: { statusCode?: number }) => {
    if (error.statusCode !== 404) throw error;
  });
}

async function reachableEngine(): Promise<TestEngine | undefined> {
  const docker = new Docker();
  try {
    await docker.ping();
  } catch {
    return undefined;
  }
  return { ...(await prepare(docker)), env: {}, stop: async () => {} };
}

async function ownEngine(): Promise<TestEngine> {
  if (process.getuid?.() !== 0) throw new Error('none can be reached, and only root can start one');
  if (!(await findOnPath(['dockerd']))) throw new Error('dockerd is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'cm-dockerd-'));
  const guard = spawn('sh', ['-c', GUARD, 'sh', folder], { stdio: ['pipe', 'ignore', 'pipe'], detached: true });
  const stop = async () => {
    const ended = once(guard, 'close');
    guard.stdin?.end();
    await ended;
  };
  try {
    await untilListening(guard);
    const socketPath = join(folder, 'socket');
    const docker = new Docker({ socketPath });
    return { ...(await prepare(docker)), env: { DOCKER_HOST: `unix://${socketPath}` }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Resolves when it says itself that it is ready. */
async function untilListening(guard: ChildProcess): Promise<void> {
  const said: string[] = [];
  const lines = createInterface(guard.stderr as NodeJS.ReadableStream);
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      said.push(line);
      if (line.includes('API listen on')) resolve();
    });
    lines.once('close', () => reject(new Error(said.at(-1) ?? 'dockerd ended')));
  });
}

async function prepare(docker: Docker): Promise<Pick<TestEngine, 'docker' | 'image' | 'nests'>> {
  const { SecurityOptions } = await docker.info();
  return { docker, image: await loadImage(docker), nests: !String(SecurityOptions).includes('apparmor') };
}

/** Imports the image, and sees to it that the engine can run it. */
async function loadImage(docker: Docker): Promise<string> {
  const python = await findPython();
  const key = createHash('sha256')
    .update(`${python} ${execFileSync(python, ['-VV'])}`)
    .update(readFileSync(makeImage));
  const image = `code-mode-test:${key.digest('hex').slice(0, 16)}`;
  const known = await docker
    .getImage(image)
    .inspect()
    .then(
      () => true,
      () => false,
    );
  if (!known) {
    const archive = join(tmpdir(), `${image.replace(':', '-')}.tar`);
    if (!existsSync(archive)) {
      const made = `${archive}.${randomUUID()}`;
      execFileSync(python, [makeImage, made]);
      renameSync(made, archive);
    }
    const [repo, tag] = image.split(':') as [string, string];
    const stream = await docker.importImage(createReadStream(archive), { repo, tag });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()));
    });
  }
  await tryOut(docker, image);
  return image;
}

async function tryOut(docker: Docker, image: string): Promise<void> {
  const container = await docker.createContainer({
    Image: image,
    Cmd: ['python3', '-c', 'pass'],
    HostConfig: { NetworkMode: 'none', AutoRemove: true },
  });
  const ended = container.wait({ condition: 'next-exit' });
  await container.start();
  const { StatusCode } = await ended;
  if (StatusCode !== 0) throw new Error(`a container of the test image ended with ${StatusCode}`);
}
