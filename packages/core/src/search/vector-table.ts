/** Vectors of one length by id, and those nearest to another. Lengths are made 1, so the dot product is the cosine. */
export class VectorTable {
  readonly dimension: number;
  readonly #ids: string[] = [];
  readonly #rows = new Map<string, number>();
  #values: Float32Array;

  constructor(dimension: number) {
    this.dimension = dimension;
    // Room for a multiple of four rows: `#cosines` reads four at a time.
    this.#values = new Float32Array(64 * dimension);
  }

  /** Adds a vector, in place of the one with its id. */
  set(id: string, vector: ArrayLike<number>): void {
    const row = this.#rows.get(id) ?? this.#append(id);
    this.#values.set(unit(vector), row * this.dimension);
  }

  /** The last row takes the place of the one that goes. */
  delete(id: string): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    const last = this.#ids.length - 1;
    const moved = this.#ids[last] ?? id;
    this.#values.copyWithin(row * this.dimension, last * this.dimension, (last + 1) * this.dimension);
    this.#ids[row] = moved;
    this.#rows.set(moved, row);
    this.#ids.pop();
    this.#rows.delete(id);
  }

  /** The ids nearest to a vector, nearest first; equal ones by id. What points away from it is not near. */
  nearest(vector: ArrayLike<number>, limit: number): string[] {
    const scores = this.#cosines(unit(vector));
    const best: { id: string; score: number }[] = [];
    let least = 0;
    for (const [row, id] of this.#ids.entries()) {
      const score = scores[row] ?? 0;
      if (score <= 0 || score < least) continue;
      best.push({ id, score });
      // Cut now and then, so that the list stays short and sorting stays rare.
      if (best.length < limit * 4) continue;
      best.sort(byScore).splice(limit);
      least = best.at(-1)?.score ?? 0;
    }
    return best
      .sort(byScore)
      .slice(0, limit)
      .map(({ id }) => id);
  }

  /** Four rows at a time: each number of the query is read once for them, and no sum waits for another. */
  #cosines(query: Float32Array): Float64Array {
    const { dimension } = this;
    const values = this.#values;
    const rows = this.#ids.length;
    const scores = new Float64Array(rows + 3);
    for (let row = 0; row < rows; row += 4) {
      const first = row * dimension;
      const second = first + dimension;
      const third = second + dimension;
      const fourth = third + dimension;
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let index = 0; index < dimension; index++) {
        const factor = query[index] as number;
        a += (values[first + index] as number) * factor;
        b += (values[second + index] as number) * factor;
        c += (values[third + index] as number) * factor;
        d += (values[fourth + index] as number) * factor;
      }
      scores[row] = a;
      scores[row + 1] = b;
      scores[row + 2] = c;
      scores[row + 3] = d;
    }
    return scores;
  }

  #append(id: string): number {
    const row = this.#ids.push(id) - 1;
    this.#rows.set(id, row);
    if ((row + 1) * this.dimension > this.#values.length) {
      const larger = new Float32Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    return row;
  }
}

function byScore(a: { id: string; score: number }, b: { id: string; score: number }): number {
  return b.score - a.score || (a.id < b.id ? -1 : 1);
}

/** The same direction with length 1. */
export function unit(vector: ArrayLike<number>): Float32Array {
  const values = Float32Array.from(vector);
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return length > 0 ? values.map((value) => value / length) : values;
}
