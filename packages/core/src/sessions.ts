import type { Session } from './session.ts';
import type { SessionKey, SessionPool } from './session-pool.ts';

/** Where a tool finds the session of a call: always the same one, or one for each conversation. */
export interface Sessions {
  /** For host code, and for what is told before a call comes. */
  readonly session: Session;
  /** @throws CodeModeError `session_key_missing`, `too_many_sessions`, `session_closed` */
  acquire(key: SessionKey | undefined): Session;
  /** The session if it is there. @throws CodeModeError `session_key_missing` */
  find(key: SessionKey | undefined): Session | undefined;
  /** Whether a session replaces one whose variables are gone. Told once. */
  takeLoss(session: Session): boolean;
}

/** One session for all calls, or one for each conversation. */
export type SessionOrPool = Session | SessionPool;

export function sessionsOf(given: SessionOrPool): Sessions {
  if ('acquire' in given) return given;
  return { session: given, acquire: () => given, find: () => given, takeLoss: () => false };
}
