import type { StorageKey } from '../storage/keys.ts';
import type { Storage } from '../storage/storage.ts';
import { sha256 } from '../storage/values.ts';
import { batchSizeOf, type Embed, type EmbedFunction, modelIdOf, toEmbedFunction } from './embedding.ts';
import { unit } from './vector-table.ts';

/** Embedded once by each session, to learn the length of the vectors and, of a function, which model is behind it. */
const PROBE = 'Reads the rows of a table and sends a summary by mail.';
/** One model gives one text the same vector but for noise; two models give vectors that differ in everything. */
const SAME_MODEL = 0.999;
/** A call that takes longer has failed. */
const CALL_LIMIT_MS = 30_000;
const AT_ONCE = 32;

/**
 * The vectors of texts. Each is kept in the storage as `vectors/<model>/<hash of the text>`, so a text is embedded once
 * for all sessions; another model, or other dimensions, is another folder.
 */
export class Embedder {
  readonly #embed: EmbedFunction;
  readonly #given: Embed;
  readonly #storage: Storage;
  #space: Promise<VectorSpace> | undefined;

  /** @throws CodeModeError `invalid_options` */
  constructor(given: Embed, storage: Storage) {
    const embed = toEmbedFunction(given);
    this.#embed = (texts) => within(embed(texts), CALL_LIMIT_MS);
    this.#given = given;
    this.#storage = storage;
  }

  /** The vector of a query, which is kept nowhere. */
  async query(text: string): Promise<Float32Array> {
    const [vector = []] = await this.#embed([text]);
    return Float32Array.from(vector);
  }

  /**
   * The vectors of texts, from the storage or else from the model.
   * @param got is told each as it comes, so that a failure loses only what was not there yet
   */
  async documents(texts: readonly string[], got: (index: number, vector: Float32Array) => void): Promise<void> {
    this.#space ??= this.#findSpace();
    let space: VectorSpace;
    try {
      space = await this.#space;
    } catch (error) {
      this.#space = undefined;
      throw error;
    }
    const missing = await this.#fromStorage(space, texts, got);
    const size = await batchSizeOf(this.#given);
    for (let start = 0; start < missing.length; start += size) {
      const batch = missing.slice(start, start + size);
      const vectors = await this.#embed(batch.map((index) => texts[index] ?? ''));
      await eachOf(batch, async (index, place) => {
        const vector = Float32Array.from(vectors[place] ?? []);
        if (vector.length !== space.dimension) {
          throw new Error(`It gave vectors of different lengths: ${space.dimension} and ${vector.length}.`);
        }
        got(index, vector);
        await this.#storage.set(keyOf(space, texts[index] ?? ''), bytesOf(vector));
      });
    }
  }

  /** Returns the indices of those that are not there. */
  async #fromStorage(
    space: VectorSpace,
    texts: readonly string[],
    got: (index: number, vector: Float32Array) => void,
  ): Promise<number[]> {
    const missing: number[] = [];
    await eachOf(texts, async (text, index) => {
      const vector = vectorOf((await this.#storage.get(keyOf(space, text)))?.value);
      if (vector?.length === space.dimension) got(index, vector);
      else missing.push(index);
    });
    return missing.sort((a, b) => a - b);
  }

  async #findSpace(): Promise<VectorSpace> {
    const vector = await this.query(PROBE);
    const dimension = vector.length;
    const modelId = modelIdOf(this.#given);
    if (modelId !== undefined) return { name: shortHash(`${modelId}\n${dimension}`), dimension };
    // A function is known by what it does: its source does not tell which model a variable in it holds.
    for (const { key } of await this.#storage.list('vectors/probes/')) {
      const other = vectorOf((await this.#storage.get(key))?.value);
      if (other?.length === dimension && cosine(vector, other) > SAME_MODEL) {
        return { name: key.slice('vectors/probes/'.length), dimension };
      }
    }
    const name = shortHash(bytesOf(vector));
    await this.#storage.set(`vectors/probes/${name}`, bytesOf(vector));
    return { name, dimension };
  }
}

/** Where the vectors of one model are, and how long they are. */
interface VectorSpace {
  name: string;
  dimension: number;
}

/** @throws Error when it takes longer */
export async function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took longer than ${limitMs / 1000} s.`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A few at a time. */
async function eachOf<T>(items: readonly T[], work: (item: T, index: number) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += AT_ONCE) {
    await Promise.all(items.slice(start, start + AT_ONCE).map((item, place) => work(item, start + place)));
  }
}

function keyOf(space: VectorSpace, text: string): StorageKey {
  return `vectors/${space.name}/${sha256(text)}`;
}

function shortHash(content: Uint8Array | string): string {
  return sha256(content).slice(0, 32);
}

/** 32-bit floats, the lowest byte first on every machine that runs Node. */
function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

function vectorOf(bytes: Uint8Array | undefined): Float32Array | undefined {
  if (bytes === undefined || bytes.byteLength === 0 || bytes.byteLength % 4 !== 0) return undefined;
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

function cosine(a: Float32Array, b: Float32Array): number {
  const other = unit(b);
  return unit(a).reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
}
