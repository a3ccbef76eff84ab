import { expect, it } from 'vitest';
import type { Embed } from '../../src/index.ts';
import { Embedder } from '../../src/search/embedder.ts';
import { toEmbedFunction } from '../../src/search/embedding.ts';
import { VectorTable } from '../../src/search/vector-table.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import { TopicEmbedder } from './embedder.ts';

/** Shaped like an AI SDK embedding model. */
function modelOf(modelId: string, dimension: number, maxEmbeddingsPerCall?: number) {
  const calls: string[][] = [];
  return {
    calls,
    specificationVersion: 'v3',
    provider: 'test',
    modelId,
    maxEmbeddingsPerCall,
    supportsParallelCalls: false,
    doEmbed: async ({ values }: { values: string[] }) => {
      calls.push(values);
      return { embeddings: values.map((text) => Array.from({ length: dimension }, (_, place) => text.length + place)) };
    },
  };
}

async function vectorsOf(embedder: Embedder, texts: string[]): Promise<number[][]> {
  const found: number[][] = [];
  await embedder.documents(texts, (index, vector) => {
    found[index] = [...vector];
  });
  return found;
}

it('takes a function or a model, in calls of the size the model takes', async () => {
  expect(await toEmbedFunction(async (texts) => texts.map((text) => [text.length]))(['a', 'bcd'])).toEqual([[1], [3]]);
  const model = modelOf('small', 2, 2);
  expect(await toEmbedFunction(model)(['a', 'bc', 'def'])).toEqual([
    [1, 2],
    [2, 3],
    [3, 4],
  ]);
  expect(model.calls).toEqual([['a', 'bc'], ['def']]);
  const many = Array.from({ length: 250 }, (_, index) => `text ${index}`);
  const sizes: number[] = [];
  await toEmbedFunction(async (texts) => {
    sizes.push(texts.length);
    return texts.map(() => [1]);
  })(many);
  expect(sizes).toEqual([100, 100, 50]);
});

it('refuses what is no embedder', () => {
  for (const [wrong, named] of [
    ['openai/text-embedding-3-small', 'the string "openai/text-embedding-3-small"'],
    [null, 'null'],
    [{ modelId: 'x' }, 'a value of type object'],
  ] as const) {
    expect(() => toEmbedFunction(wrong as unknown as Embed)).toThrow(
      `embed must be an AI SDK embedding model or a function (texts) => Promise<number[][]>, not ${named}.`,
    );
  }
});

it.each([
  ['vectors', 'It gave the string "vectors" instead of a list of vectors.'],
  [[[1]], 'It gave 1 vectors for 2 texts.'],
  [[[1], []], 'It gave a vector that is not a list of numbers.'],
  [[[1], [Number.NaN]], 'It gave a vector that is not a list of numbers.'],
  [[[1], [1, 2]], 'It gave vectors of different lengths: 1 and 2.'],
])('refuses the answer %j', async (answer, message) => {
  await expect(toEmbedFunction(async () => answer as number[][])(['a', 'b'])).rejects.toThrow(message);
});

it('embeds a text once for all sessions, and again for another model or other dimensions', async () => {
  const storage = new MemoryStorage();
  const first = modelOf('small', 3);
  const expected = [
    [3, 4, 5],
    [6, 7, 8],
  ];
  expect(await vectorsOf(new Embedder(first, storage), ['one', 'eleven'])).toEqual(expected);
  expect(first.calls.slice(1)).toEqual([['one', 'eleven']]);

  const second = modelOf('small', 3);
  expect(await vectorsOf(new Embedder(second, storage), ['one', 'three', 'eleven'])).toEqual([
    [3, 4, 5],
    [5, 6, 7],
    [6, 7, 8],
  ]);
  expect(second.calls.slice(1)).toEqual([['three']]);

  for (const other of [modelOf('large', 3), modelOf('small', 4)]) {
    await vectorsOf(new Embedder(other, storage), ['one']);
    expect(other.calls.slice(1)).toEqual([['one']]);
  }
  const keys = (await storage.list('vectors')).map(({ key }) => key);
  expect(keys).toHaveLength(5);
  for (const key of keys) expect(key).toMatch(/^vectors\/[0-9a-f]{32}\/[0-9a-f]{64}$/);
});

it('knows a function by what it does', async () => {
  const storage = new MemoryStorage();
  const [first, same] = [new TopicEmbedder(), new TopicEmbedder()];
  await vectorsOf(new Embedder(first.embed, storage), ['car']);
  await vectorsOf(new Embedder((texts) => same.embed(texts), storage), ['car', 'cake']);
  expect(same.texts).toEqual(['cake']);
  const calls: string[] = [];
  const other = async (texts: string[]) => {
    calls.push(...texts);
    return texts.map((text) => [1, 2, 3, -text.length]);
  };
  await vectorsOf(new Embedder(other, storage), ['car']);
  expect(calls).toContain('car');
});

it('embeds again what is damaged in the storage', async () => {
  const storage = new MemoryStorage();
  await vectorsOf(new Embedder(modelOf('small', 3), storage), ['one']);
  const [entry] = await storage.list('vectors');
  if (!entry) throw new Error('Nothing was kept.');
  await storage.set(entry.key, Uint8Array.of(1, 2, 3));
  expect(await vectorsOf(new Embedder(modelOf('small', 3), storage), ['one'])).toEqual([[3, 4, 5]]);
  expect((await storage.head(entry.key))?.size).toBe(12);
});

it('finds the nearest vectors, also after some were replaced and removed', () => {
  const table = new VectorTable(2);
  const angles = Array.from({ length: 203 }, (_, index) => index / 100);
  for (const [index, angle] of angles.entries()) table.set(String(index), [5 * Math.cos(angle), 5 * Math.sin(angle)]);
  expect(table.nearest([2, 0], 3)).toEqual(['0', '1', '2']);
  table.delete('1');
  table.delete('202');
  table.delete('absent');
  table.set('2', [-1, 0]);
  table.set('150', [1, 0.001]);
  expect(table.nearest([2, 0], 4)).toEqual(['0', '150', '3', '4']);
  expect(table.nearest([0, -1], 4)).toEqual([]);
});
