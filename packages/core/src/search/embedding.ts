import { CodeModeError } from '../errors.ts';

/** Gives one vector for each text, all of one length. */
export type EmbedFunction = (texts: string[]) => Promise<number[][]>;

/** The part of an AI SDK `EmbeddingModel` that is used. */
export interface EmbeddingModelObject {
  readonly provider?: string;
  readonly modelId: string;
  readonly maxEmbeddingsPerCall?: number | undefined | PromiseLike<number | undefined>;
  doEmbed(options: { values: string[] }): PromiseLike<{ embeddings: number[][] }>;
}

/** What `SessionOptions.embed` takes. */
export type Embed = EmbedFunction | EmbeddingModelObject;

/** Texts in one call of a function or of a model that does not say how many it takes. */
const BATCH_SIZE = 100;

/**
 * A function that embeds any number of texts, in calls of the size the model takes, and checks what comes back.
 * @throws CodeModeError `invalid_options` for what is neither a function nor an embedding model
 */
export function toEmbedFunction(embed: Embed): EmbedFunction {
  const call = callOf(embed);
  return async (texts) => {
    const size = await batchSizeOf(embed);
    const vectors: number[][] = [];
    for (let start = 0; start < texts.length; start += size) {
      const batch = texts.slice(start, start + size);
      vectors.push(...check(await call(batch), batch.length));
    }
    return vectors;
  };
}

/** Texts that one call takes. */
export async function batchSizeOf(embed: Embed): Promise<number> {
  const most = typeof embed === 'function' ? undefined : await embed.maxEmbeddingsPerCall;
  return Math.max(1, Math.min(most ?? BATCH_SIZE, BATCH_SIZE));
}

/** What names the model; a function has no name that says which model it asks. */
export function modelIdOf(embed: Embed): string | undefined {
  return typeof embed === 'function' ? undefined : `${embed.provider ?? ''}/${embed.modelId}`;
}

function callOf(embed: Embed): EmbedFunction {
  if (typeof embed === 'function') return async (texts) => embed(texts);
  if (typeof embed === 'object' && embed !== null && typeof embed.doEmbed === 'function') {
    return async (values) => (await embed.doEmbed({ values })).embeddings;
  }
  throw new CodeModeError(
    'invalid_options',
    `embed must be an AI SDK embedding model or a function (texts) => Promise<number[][]>, not ${nameOf(embed)}.`,
  );
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'string' ? `the string ${JSON.stringify(value)}` : `a value of type ${typeof value}`;
}

function check(vectors: unknown, count: number): number[][] {
  if (!Array.isArray(vectors)) throw new Error(`It gave ${nameOf(vectors)} instead of a list of vectors.`);
  if (vectors.length !== count) throw new Error(`It gave ${vectors.length} vectors for ${count} texts.`);
  for (const vector of vectors) {
    const ok = vector?.length > 0 && Array.prototype.every.call(vector, Number.isFinite);
    if (!ok) throw new Error('It gave a vector that is not a list of numbers.');
    if (vector.length !== vectors[0].length) {
      throw new Error(`It gave vectors of different lengths: ${vectors[0].length} and ${vector.length}.`);
    }
  }
  return vectors;
}
