import type { ContainerEvent } from './container-events.ts';
import { type ContainerEngine, type PullStatus, reasonOf, startFailed, statusOf } from './engine.ts';

export type PullPolicy = 'missing' | 'always' | 'never';

export interface FoundImage {
  /** What the engine calls its content: another version of it has another. */
  id: string;
  /** Names of the environment variables that it sets. */
  variables: string[];
}

/**
 * Sees to it that the engine has the image.
 * @throws CodeModeError `kernel_start_failed`
 */
export async function ensureImage(
  engine: ContainerEngine,
  image: string,
  policy: PullPolicy,
  emit: (event: ContainerEvent) => void,
): Promise<FoundImage> {
  const found = await findImage(engine, image);
  if (found && policy !== 'always') return found;
  if (policy === 'never') {
    throw startFailed(
      `The image ${image} is not on this machine, and pull is 'never'. Run \`docker pull ${image}\`, or let pull be 'missing'.`,
    );
  }
  try {
    await pull(engine, image, emit);
  } catch (error) {
    throw startFailed(`The image ${image} could not be pulled: ${reasonOf(error)}.`, error);
  }
  const pulled = await findImage(engine, image);
  if (!pulled) throw startFailed(`The image ${image} was pulled, and is gone again.`);
  return pulled;
}

async function findImage(engine: ContainerEngine, image: string): Promise<FoundImage | undefined> {
  try {
    const { Id, Config } = await engine.getImage(image).inspect();
    return { id: Id, variables: (Config.Env ?? []).map((variable) => variable.split('=')[0] as string) };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw startFailed(`The container engine could not look at the image ${image}: ${reasonOf(error)}.`, error);
  }
}

async function pull(engine: ContainerEngine, image: string, emit: (event: ContainerEvent) => void): Promise<void> {
  const stream = await engine.pull(withTag(image));
  const report = ({ status, id, progressDetail }: PullStatus) => {
    if (status === undefined) return;
    emit({
      type: 'image-pull',
      image,
      status,
      ...(id !== undefined && { layer: id }),
      ...(progressDetail?.current !== undefined && { currentBytes: progressDetail.current }),
      ...(progressDetail?.total !== undefined && { totalBytes: progressDetail.total }),
    });
  };
  await new Promise<void>((resolve, reject) => {
    engine.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()), report);
  });
}

/** Without a tag an engine would pull every one. */
function withTag(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  return name.includes(':') || name.includes('@') ? image : `${image}:latest`;
}
