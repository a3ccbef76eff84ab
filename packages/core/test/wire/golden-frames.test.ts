import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CodeModeError } from '../../src/errors.ts';
import { encodeFrame, type Frame, FrameReader } from '../../src/wire/frames.ts';
import { readGolden } from './golden.ts';
import './seed.ts';

interface GoodFrame {
  title: string;
  hex: string;
  message?: object;
  messages?: object[];
  /** Of the last message. */
  attachment?: string;
  decodeOnly?: true;
}

interface BadFrame {
  title: string;
  hex: string;
  maxBytes: number;
  /** What the host says, `waits` when it waits for more, absent when this row is not about the host. */
  host?: string;
}

const goodFrames = readGolden<GoodFrame>('good-frames');
const badFrames = readGolden<BadFrame>('bad-frames').filter(({ host }) => host !== undefined);

describe('good frames', () => {
  test.each(goodFrames)('$title: decoded', (row) => {
    expectFrames(read([Buffer.from(row.hex, 'hex')]), row);
  });

  test.each(goodFrames)('$title: decoded from single bytes', (row) => {
    expectFrames(read([...Buffer.from(row.hex, 'hex')].map((byte) => Buffer.of(byte))), row);
  });

  test.each(goodFrames.filter(({ message, decodeOnly }) => message && !decodeOnly))('$title: encoded', (row) => {
    const attachment = row.attachment === undefined ? undefined : Buffer.from(row.attachment, 'hex');
    expect(Buffer.concat(encodeFrame(row.message as object, attachment)).toString('hex')).toBe(row.hex);
  });

  test('all of them in one stream, cut anywhere', () => {
    const stream = Buffer.from(goodFrames.map(({ hex }) => hex).join(''), 'hex');
    const expected = goodFrames.flatMap(({ message, messages }) => messages ?? [message]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (sizes) => {
        const chunks: Buffer[] = [];
        for (let at = 0, next = 0; at < stream.length; next++) {
          const size = sizes[next % sizes.length] as number;
          chunks.push(stream.subarray(at, at + size));
          at += size;
        }
        expect(read(chunks).map(({ message }) => message)).toEqual(expected);
      }),
    );
  });

  test('what was read keeps no prototype from the wire', () => {
    const [frame] = read(encodeFrame(JSON.parse('{"type":"t","__proto__":{"polluted":true}}') as object));
    expect((frame as Frame).message.polluted).toBe(undefined);
    expect(({} as { polluted?: boolean }).polluted).toBe(undefined);
  });

  test('rest() gives back what came after the last frame', () => {
    const reader = new FrameReader(1_000);
    const [first] = reader.push(Buffer.concat([...encodeFrame({ type: 'hello' }), Buffer.from('raw bytes')]));
    expect(first?.message).toEqual({ type: 'hello' });
    expect(reader.rest().toString()).toBe('raw bytes');
    expect(reader.rest().toString()).toBe('');
  });

  test('a 16 MB attachment in pieces of 64 KiB is joined once', () => {
    const attachment = Buffer.alloc(16_000_000, 7);
    const stream = Buffer.concat(encodeFrame({ type: 't' }, attachment));
    const chunks = Array.from({ length: Math.ceil(stream.length / 65_536) }, (_, index) =>
      stream.subarray(index * 65_536, (index + 1) * 65_536),
    );
    const frames = read(chunks, 32_000_000);
    expect(frames.length).toBe(1);
    expect(Buffer.from(frames[0]?.attachment ?? []).equals(attachment)).toBe(true);
  });
});

describe('bad frames', () => {
  test.each(badFrames)('$title', ({ hex, maxBytes, host }) => {
    expect(refusal([Buffer.from(hex, 'hex')], maxBytes)).toBe(host);
  });

  test.each(badFrames)('$title: from single bytes', ({ hex, maxBytes, host }) => {
    const bytes = [...Buffer.from(hex, 'hex')].map((byte) => Buffer.of(byte));
    expect(refusal(bytes, maxBytes)).toBe(host);
  });

  test('a frame of exactly the limit passes', () => {
    const frame = Buffer.concat(encodeFrame({ type: 't' }, new Uint8Array(100)));
    expect(read([frame], frame.length).length).toBe(1);
    expect(refusal([frame], frame.length - 1)).toBe(
      `a frame of ${frame.length} bytes is over the limit of ${frame.length - 1} bytes`,
    );
  });

  test('any bytes give frames, more waiting, or protocol_error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          read([Buffer.from(bytes)], 1_000);
        } catch (error) {
          expect(CodeModeError.isInstance(error) && error.code).toBe('protocol_error');
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('any one changed byte of a good frame gives a frame, more waiting, or protocol_error', () => {
    const frames = goodFrames.map(({ hex }) => Buffer.from(hex, 'hex'));
    fc.assert(
      fc.property(fc.constantFrom(...frames), fc.nat(), fc.nat({ max: 255 }), (good, at, byte) => {
        const changed = Buffer.from(good);
        changed[at % changed.length] = byte;
        try {
          read([changed], 1_000);
        } catch (error) {
          expect(CodeModeError.isInstance(error) && error.code).toBe('protocol_error');
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

function read(chunks: Buffer[], maxBytes = 1 << 16): Frame[] {
  const reader = new FrameReader(maxBytes);
  return chunks.flatMap((chunk) => [...reader.push(chunk)]);
}

function expectFrames(frames: Frame[], { message, messages, attachment }: GoodFrame): void {
  expect(frames.map((frame) => frame.message)).toEqual(messages ?? [message]);
  if (messages) return;
  expect(frames[0]?.attachment && Buffer.from(frames[0].attachment).toString('hex')).toBe(attachment);
}

/** The words between the fixed beginning and end of a protocol error; JSON.parse's own words differ by Node version. */
function refusal(chunks: Buffer[], maxBytes: number): string {
  try {
    const frames = read(chunks, maxBytes);
    return frames.length === 0 ? 'waits' : `read ${frames.length}`;
  } catch (error) {
    if (!CodeModeError.isInstance(error) || error.code !== 'protocol_error') throw error;
    const [, what] =
      /^The kernel broke the wire protocol: (.*)\. It was ended; the next run gets a fresh one\.$/s.exec(
        error.message,
      ) ?? [];
    return what?.replace(/^(a frame is not JSON) \(.*\)$/s, '$1') ?? error.message;
  }
}
