import { createHash } from 'node:crypto';
import type { EmbedFunction } from '@code-mode/core';

const DIMENSION = 384;

/**
 * No model: letters in threes and fours of each word, hashed to places of a vector. It sees that `invoices` and
 * `invoicing` are alike and knows nothing of meaning. It shows that hybrid search works and what it costs, not what a
 * model would gain.
 */
export const standIn: EmbedFunction = async (texts) => texts.map(embed);

const places = new Map<string, { place: number; sign: number }>();

function embed(text: string): number[] {
  const vector: number[] = Array.from({ length: DIMENSION }, () => 0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    const padded = `<${word}>`;
    for (const length of [3, 4]) {
      for (let start = 0; start + length <= padded.length; start++) {
        const { place, sign } = placeOf(padded.slice(start, start + length));
        // A long word counts no more than a short one.
        vector[place] = (vector[place] ?? 0) + sign / Math.sqrt(padded.length);
      }
    }
  }
  // So that no text is without direction.
  vector[0] = (vector[0] ?? 0) + 1e-6;
  return vector;
}

function placeOf(gram: string): { place: number; sign: number } {
  const known = places.get(gram);
  if (known) return known;
  const number = createHash('sha256').update(gram).digest().readUInt32LE();
  const found = { place: number % DIMENSION, sign: number & 0x8000_0000 ? 1 : -1 };
  places.set(gram, found);
  return found;
}
