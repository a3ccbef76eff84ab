/** The candidate most like `name`, when one is close enough to be what was meant. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(name);
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, fold(candidate));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Case and separators are the usual difference: `listIssues`, `list_issues`, `list-issues`. */
function fold(name: string): string {
  return name
    .toLowerCase()
    .replace(/[_\-\s]/gu, '')
    .slice(0, 100);
}

/** Edits between two names; a swap of two neighbours counts as one. */
function editDistance(a: string, b: string): number {
  // Outside the table, where nothing can be reached.
  const far = Number.POSITIVE_INFINITY;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] ?? far) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? (beforePrevious[j - 2] ?? far) + 1 : far;
      current.push(Math.min((previous[j] ?? far) + 1, (current[j - 1] ?? far) + 1, change, swap));
    }
    [beforePrevious, previous] = [previous, current];
  }
  return previous[b.length] ?? far;
}
