// A fresh process for one sample of the row first-session: `node cold-start.ts PEER` prints its times as JSON.
import type { PeerName } from './peer.ts';
import { createPeer } from './peers/create-peers.ts';
import { openWarm } from './rows.ts';

// The benchmark decides when to stop; this process ends by itself in a moment and leaves nothing behind.
process.on('SIGINT', () => {});
const LIMIT_MS = 30_000;
setTimeout(() => {
  process.stderr.write(`It did not end within ${LIMIT_MS / 1000} s.\n`);
  process.exit(1);
}, LIMIT_MS).unref();

const peer = createPeer(process.argv[2] as PeerName);
try {
  await peer.install(() => {});
  const started = performance.now();
  await peer.load();
  const importMs = performance.now() - started;
  const { session, ms: sessionMs } = await openWarm(peer);
  await session.close();
  process.stdout.write(JSON.stringify({ importMs, sessionMs }));
} finally {
  await peer.close();
}
