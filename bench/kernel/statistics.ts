/** What a set of samples comes to. */
export interface Summary {
  count: number;
  min: number;
  p50: number;
  p95: number;
  max: number;
}

/** Below this many samples the p95 is little more than the maximum, and the table marks it. */
export const FEW_SAMPLES = 20;

export function summarize(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new RangeError('summarize needs at least one sample.');
  const sorted = [...samples].sort((a, b) => a - b);
  return {
    count: sorted.length,
    min: quantile(sorted, 0),
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    max: quantile(sorted, 1),
  };
}

/** Linear interpolation between the two nearest samples, as numpy and R do by default. */
function quantile(sorted: readonly number[], q: number): number {
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? low;
  return low + (high - low) * (position - below);
}
