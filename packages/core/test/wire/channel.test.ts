import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CodeModeError } from '../../src/errors.ts';
import { Channel } from '../../src/wire/channel.ts';
import { encodeFrame, type Frame, FrameReader } from '../../src/wire/frames.ts';
import { cut, mutatedBytes } from './mutated-frames.ts';
import './seed.ts';

const MAX_BYTES = 1 << 16;
const folder = mkdtempSync(join(tmpdir(), 'cm-channel-'));
const server = createServer();

beforeAll(() => once(server.listen(join(folder, 'socket')), 'listening'));
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

test('any bytes in any pieces: the same frames as at once, then one end with its reason', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(mutatedBytes, sizes, fc.boolean(), async (bytes, pieces, isReset) => {
      const expected = decode(bytes);
      const seen = await throughChannel(cut(bytes, pieces), isReset);
      expect(seen).toEqual(expected);
    }),
    { numRuns: 400 },
  );
});

test('a frame is taken once its peer reads', async () => {
  const peer = connect({ path: join(folder, 'socket') });
  const [socket] = (await once(server, 'connection')) as [Socket];
  const channel = new Channel(socket, new FrameReader(MAX_BYTES));
  const seen: string[] = [];
  const taken = new Promise<void>((resolve) => {
    channel.send({ type: 'large' }, Buffer.alloc(16 << 20), () => resolve(void seen.push('taken')));
  });
  await turn();
  seen.push('read');
  peer.resume();
  await taken;
  expect(seen).toEqual(['read', 'taken']);
  channel.destroy();
  peer.destroy();
});

test('a frame that comes byte by byte is held in few pieces', () => {
  const frame = Buffer.concat(encodeFrame({ type: 'slow', text: 'x'.repeat(40_000) }));
  const reader = new FrameReader(MAX_BYTES);
  let most = 0;
  const frames: Frame[] = [];
  for (const byte of frame) {
    frames.push(...reader.push(Buffer.of(byte)));
    most = Math.max(most, reader.pieces);
  }
  expect(most).toBeLessThan(300);
  expect(frames.map(({ message }) => (message.text as string).length)).toEqual([40_000]);
});

/** What a reader makes of it, without a channel. */
function decode(bytes: Buffer): { frames: Frame[]; ends: (string | undefined)[] } {
  const frames: Frame[] = [];
  try {
    for (const frame of new FrameReader(MAX_BYTES).push(bytes)) frames.push(frame);
    return { frames, ends: [undefined] };
  } catch (error) {
    return { frames, ends: [(error as Error).message] };
  }
}

async function throughChannel(pieces: Buffer[], isHalfOpen: boolean) {
  const seen: { frames: Frame[]; ends: (string | undefined)[] } = { frames: [], ends: [] };
  const peer = connect({ path: join(folder, 'socket'), allowHalfOpen: isHalfOpen });
  // The channel hangs up on a peer that breaks the protocol, which may be in the middle of a piece.
  peer.on('error', () => {});
  const [socket] = (await once(server, 'connection')) as [Socket];
  const channel = new Channel(socket, new FrameReader(MAX_BYTES));
  const closed = new Promise<void>((resolve) => {
    channel.listener = {
      frame: (frame) => {
        expect(seen.ends).toEqual([]);
        seen.frames.push(frame);
      },
      closed: (error) => {
        expect(error === undefined || (CodeModeError.isInstance(error) && error.code === 'protocol_error')).toBe(true);
        seen.ends.push(error?.message);
        resolve();
      },
    };
  });
  for (const piece of pieces) if (!peer.destroyed) peer.write(piece);
  peer.end();
  await closed;
  channel.send({ type: 'too-late' });
  channel.destroy();
  peer.destroy();
  return seen;
}
