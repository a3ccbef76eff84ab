import { Session, type SessionOptions, type Storage } from '@code-mode/core';
import { SubprocessExecutor } from '@code-mode/core/executors/subprocess';
import { FileStorage } from '@code-mode/core/storage/file';
import { RedisStorage } from '@code-mode/core/storage/redis';
import { fromYaml } from '@code-mode/core/tool-sources/yaml';
import { usageError } from '../failure.ts';
import type { SessionFlags } from './session-flags.ts';

/** A session as the flags want it; closing it closes all that was opened for it. */
export async function withSession<Result>(
  flags: SessionFlags,
  own: Pick<SessionOptions, 'onApproval' | 'onEvent' | 'journal'>,
  use: (session: Session) => Promise<Result>,
): Promise<Result> {
  await using storage = openStorage(flags);
  await using executor = new SubprocessExecutor({ isolation: flags.isolation ?? 'auto' });
  await using session = new Session({
    executor,
    ...(storage && { storage }),
    tools: (flags.tools ?? []).map((path) => fromYaml(path)),
    ...(flags.policy && { policy: flags.policy }),
    readOnly: flags.readOnly ?? false,
    limits: { ...(flags.timeout !== undefined && { timeoutMs: flags.timeout * 1_000 }) },
    ...own,
  });
  return await use(session);
}

/** Undefined when nothing says where: then it is memory. */
export function openStorage({ storage, redis, prefix, workspace }: SessionFlags): Storage | undefined {
  if (storage !== undefined && redis !== undefined)
    throw usageError('--storage and --redis are two places; give one of them.');
  const scope = workspace === undefined ? {} : { workspaceId: workspace };
  if (redis !== undefined) return new RedisStorage({ url: redis, ...(prefix !== undefined && { prefix }), ...scope });
  if (prefix !== undefined) throw usageError('--prefix is for keys in Redis, and requires --redis URL.');
  return storage === undefined ? undefined : new FileStorage(storage, scope);
}
