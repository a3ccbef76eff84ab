import fc from 'fast-check';
import { readGolden } from './golden.ts';

const HEADER_BYTES = 8;
/** The kernel trusts the lengths its host sends, and makes room for them. */
const MOST_BYTES = 1 << 20;

const golden = ['good-frames', 'bad-frames'].flatMap((name) =>
  readGolden<{ hex: string }>(name).map(({ hex }) => Buffer.from(hex, 'hex')),
);
/** What decoders stumble over. */
const stumblingBlocks = [
  ' ',
  '\n',
  'NaN',
  '-Infinity',
  '1e999',
  '-0',
  '01',
  '\ufeff',
  '\0',
  '"',
  '{',
  '}',
  '[',
  ',',
  '\\',
  '\\ud800',
  '{}',
]
  .map((text) => Buffer.from(text))
  .concat([Buffer.of(0xff), Buffer.of(0xc0, 0x80), Buffer.of(0xed, 0xa0, 0x80), Buffer.of(0xe4)]);

const edit = fc.record({
  at: fc.nat({ max: 1_000 }),
  /** How many bytes go. */
  removed: fc.nat({ max: 3 }),
  added: fc.oneof(fc.constantFrom(...stumblingBlocks), fc.uint8Array({ maxLength: 3 }), fc.constant(Buffer.of())),
});

/** A golden frame with some edits; its lengths are right again when it is `refitted`. */
const mutatedFrame = fc
  .record({
    frame: fc.constantFrom(...golden),
    edits: fc.array(edit, { maxLength: 3 }),
    refitted: fc.boolean(),
  })
  .map(({ frame, edits, refitted }) => {
    const from = refitted ? HEADER_BYTES : 0;
    let body = frame.subarray(from);
    for (const { at, removed, added } of edits) {
      const place = at % (body.length + 1);
      body = Buffer.concat([body.subarray(0, place), added, body.subarray(place + removed)]);
    }
    return refitted ? Buffer.concat([lengths(body.length), body]) : body;
  });

/** Bytes that a connection may bring: frames, most of them broken in some way. */
export const mutatedBytes = fc
  .array(mutatedFrame, { minLength: 1, maxLength: 3 })
  .map((frames) => Buffer.concat(frames))
  .filter((bytes) => longestFrame(bytes) <= MOST_BYTES);

/** The same bytes in pieces. */
export function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = sizes[pieces.length % sizes.length] as number;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

function lengths(json: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(json, 0);
  return header;
}

/** The length that a decoder reads out of the bytes, at most. */
function longestFrame(bytes: Buffer): number {
  let longest = 0;
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const length = bytes.readUInt32BE(at) + bytes.readUInt32BE(at + 4);
    longest = Math.max(longest, length);
    at += HEADER_BYTES + length;
  }
  return longest;
}
