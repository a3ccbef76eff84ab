import { Session, type SessionEvent, type SessionOptions } from '@code-mode/core';
import { loadConfig, type OpenedConfig, openConfig } from '@code-mode/core/config';
import { configFlags } from '@code-mode/mcp/config-options';
import { usageError } from '../failure.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { Interrupt, orInterrupted } from './interrupt.ts';
import type { SessionFlags } from './session-flags.ts';

export interface OpenSessionOptions {
  terminal: Terminal;
  onApproval?: SessionOptions['onApproval'];
  onEvent?(event: SessionEvent): void;
  /** Hears of what takes long before the session is there. */
  onProgress?(line: string): void;
  /** Refuses to go on where nothing is kept: there is nothing to look at, and what is saved would be gone. */
  needsStore?: boolean;
  /** For whoever stops in a way of its own; without it, what is done is left as soon as one comes. */
  interrupt?: Interrupt;
}

/** A session as flags and config file want it. All that was opened for it is closed with it. */
export async function withSession<Result>(
  flags: SessionFlags,
  { terminal, onApproval, onEvent, onProgress, needsStore = false, interrupt: given }: OpenSessionOptions,
  use: (session: Session) => Promise<Result>,
): Promise<Result> {
  using interrupt = given ?? new Interrupt();
  await using opened = await open(flags, onProgress);
  const { options, packages } = opened;
  if (needsStore && options.storage.features.durable === 'no')
    throw usageError(
      'Nothing is kept here: say where with --base, --storage or --redis, or write a config file with code-mode init.',
    );
  const { signal } = interrupt;
  // What somebody wrote into the config decides; without that, whoever sits here does.
  const decide = flags.yes ? onApproval : (options.onApproval ?? onApproval);
  await using session = new Session({
    ...options,
    ...(decide && { onApproval: decide }),
    onEvent: (event) => {
      options.onEvent?.(event);
      onEvent?.(event);
    },
  });
  if (packages.length > 0) {
    using progress = terminal.progress(`Installing ${packages.join(', ')} …`);
    await orInterrupted(session.deps.add(packages, { signal }), signal);
    progress.end();
  }
  return await (given === undefined ? orInterrupted(use(session), signal) : use(session));
}

/** What flags and config file stand for, without a session. */
export async function open(flags: SessionFlags, onProgress?: (line: string) => void): Promise<OpenedConfig> {
  return await openConfig(await loadConfig({ flags: configFlags({ ...flags }) }), { onProgress });
}
