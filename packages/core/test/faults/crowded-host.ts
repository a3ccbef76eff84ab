// Run by `descriptors.test.ts` with few descriptors: uses them up, is refused a session, makes room, and goes on.
import { closeSync, openSync } from 'node:fs';
import { SubprocessExecutor } from '../../src/executors/subprocess/index.ts';
import { Session } from '../../src/session.ts';

const [usedUpBy] = process.argv.slice(2);
const executor = new SubprocessExecutor({ env: { CODE_MODE_TEST: process.env.CODE_MODE_TEST ?? '' } });
const { refused, room, kept } = await (usedUpBy === 'files' ? useUpByFiles() : useUpBySessions());
await room();
const session = new Session({ executor });
const answer = await answerOf(session, '1 + 1');
await session.close();
await executor.close();
console.log(JSON.stringify({ code: refused?.code, message: refused?.message, kept, answer }));

async function useUpByFiles() {
  const files: number[] = [];
  try {
    for (;;) files.push(openSync('/dev/null', 'r'));
  } catch {}
  const refused = await openSession(new Session({ executor }));
  return { refused, kept: [], room: async () => files.forEach(closeSync) };
}

async function useUpBySessions() {
  const sessions: Session[] = [];
  let refused: { code: string; message: string } | undefined;
  while (!refused) {
    const session = new Session({ executor });
    refused = await openSession(session);
    if (!refused) sessions.push(session);
  }
  const kept = await Promise.all(sessions.map((session) => answerOf(session, 'v')));
  return { refused, kept, room: () => Promise.all(sessions.map((session) => session.close())) };
}

/** Why it could not be opened. */
function openSession(session: Session): Promise<{ code: string; message: string } | undefined> {
  return session.run('v = 1').then(
    () => undefined,
    (error) => error,
  );
}

async function answerOf(session: Session, code: string): Promise<unknown> {
  const result = await session.run(code);
  return result.status === 'completed' ? result.result : result;
}
