import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CodeModeError } from '../../errors.ts';
import { type ContainerConfig, describeContainer, NO_NETWORK } from './container-config.ts';
import type { ContainerEvent } from './container-events.ts';
import { type ContainerEngine, type EngineContainer, reasonOf, startFailed, statusOf } from './engine.ts';
import { PROFILE } from './leftovers.ts';
import { seccompProfile } from './seccomp-profile.ts';

/** A container that was started, and its standard streams, as the engine mixes them. */
export interface StartedContainer {
  container: EngineContainer;
  /** The engine closes it when the container ends. */
  stream: NodeJS.ReadWriteStream;
}

export interface StartOptions {
  told: object;
  /** Whether its standard output is wanted, beside its standard error. */
  stdout: boolean;
  emit(event: ContainerEvent): void;
}

/**
 * Starts a container, and writes one line of JSON to its standard input, which stays open.
 * @throws CodeModeError `kernel_start_failed`, `python_not_found`
 */
export async function startContainer(
  engine: ContainerEngine,
  config: ContainerConfig,
  { told, stdout, emit }: StartOptions,
): Promise<StartedContainer> {
  const asked = describeContainer(config, await profileOf(config));
  const container = await engine.createContainer(asked).catch((error: unknown) => {
    throw explainCreation(config, error);
  });
  emit({ type: 'container-create', containerId: container.id, image: config.image });
  try {
    const stream = await container.attach({ stream: true, stdin: true, stdout, stderr: true, hijack: true });
    // Podman writes something of its own first, without an end of line.
    stream.write(`\n${JSON.stringify(told)}\n`);
    await container.start();
    emit({ type: 'container-start', containerId: container.id });
    return { container, stream };
  } catch (error) {
    await removeContainer(container);
    throw explainStart(config, error);
  }
}

/** The seccomp profile, as the engine takes it: Docker the text, Podman the path of a file. */
async function profileOf({ engine, withoutNests, network, socket }: ContainerConfig): Promise<string | undefined> {
  if (!engine.SecurityOptions?.some((option) => option.includes('seccomp'))) return undefined;
  const profile = seccompProfile(withoutNests === undefined, network !== NO_NETWORK);
  if (profile === undefined || engine.BuildahVersion === undefined) return profile;
  const path = join(dirname(socket), PROFILE);
  await writeFile(path, profile);
  return path;
}

/** Removes a container, whatever it does; resolves when it is gone. */
export async function removeContainer(container: EngineContainer): Promise<void> {
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    // The engine removes it itself when it ends; until then it says that this is under way.
    if (statusOf(error) === 409) await container.wait({ condition: 'removed' }).catch(() => {});
  }
}

function explainCreation({ image, runtime }: ContainerConfig, error: unknown): CodeModeError {
  const reason = reasonOf(error);
  if (statusOf(error) === 404) return startFailed(`The image ${image} is gone: ${reason}.`, error);
  if (/bind source path does not exist/.test(reason)) {
    const remedy = 'It must run on this machine, and this process in no container of its own.';
    return startFailed(`The container engine does not see this machine's files (${reason}). ${remedy}`, error);
  }
  const how = runtime === undefined ? '' : ` with the runtime ${runtime}`;
  return startFailed(`The container engine could not make a container of ${image}${how}: ${reason}.`, error);
}

function explainStart({ image, python }: ContainerConfig, error: unknown): CodeModeError {
  if (CodeModeError.isInstance(error)) return error;
  const reason = reasonOf(error);
  if (/executable file not found|no such file or directory/.test(reason) && reason.includes(python)) {
    const remedy = 'Take an image with Python 3.10 or newer, or name its interpreter with `python`.';
    return new CodeModeError('python_not_found', `The image ${image} has no ${python}. ${remedy}`, { cause: error });
  }
  return startFailed(`The container engine could not start a container of ${image}: ${reason}.`, error);
}
